"""What GitHub, or the way to it, did wrong, as one sentence that says who has to do what."""

import time
from collections.abc import Mapping
from typing import Any

import jwt
import requests
from github import GithubException

from provisioning.adapters.retry_after import seconds_of
from provisioning.errors import (
    PortalError,
    RateLimitedError,
    UpstreamKeyRefusedError,
    UpstreamRefusedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
    UpstreamUnreachableError,
)

# At least a minute, where GitHub names no time:
# https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit
SECONDARY_LIMIT_WAIT = 60.0
AGAIN = "The request is tried again by itself."


class GitHubRefusedError(UpstreamRefusedError):
    """A 4xx that is no rate limit. The adapter expects some of them: `status` and `said` tell which."""

    def __init__(self, message: str, status: int, said: str) -> None:
        super().__init__(message)
        self.status = status
        self.said = said


def explain(error: Exception, doing: str, repository: str) -> PortalError:
    """`doing` completes "while …". Never contains a key: only GitHub's own message is quoted, cut and on one line."""
    if isinstance(error, GithubException):
        return _status_error(error, doing, repository)
    if isinstance(error, jwt.PyJWTError):
        return UpstreamKeyRefusedError(
            "The GitHub App's private key is not a usable PEM key. An operator must replace it."
        )
    if isinstance(error, requests.Timeout):
        return UpstreamTimeoutError(f"GitHub did not answer in time while {doing}. {AGAIN}")
    if isinstance(error, requests.RequestException):
        return UpstreamUnreachableError(
            f"The connection to GitHub broke while {doing}. {AGAIN} If that goes on, an operator should check the "
            "network and GITHUB_API_URL."
        )
    return UpstreamUnavailableError(
        f"What answered while {doing} does not speak GitHub's API. An operator should check GITHUB_API_URL and any "
        "proxy between."
    )


def _status_error(error: GithubException, doing: str, repository: str) -> PortalError:
    headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
    # Before anything is read out of it: a page of a proxy says nothing of GitHub.
    if error.status >= 500:
        said = f"GitHub has a fault of its own ({error.status}) while {doing}. {AGAIN}"
        return UpstreamUnavailableError(said, retry_after(headers))
    if _is_rate_limit(error, headers):
        return _rate_limited(headers, doing)
    said = quoted(error)
    passing = next((wait for words, wait in _PASSING.items() if words in said.lower()), None)
    if passing is not None:
        return UpstreamUnavailableError(
            f"GitHub is not ready for {doing} yet: {said}. {AGAIN}", passing
        )
    known = next((sentence for words, sentence in _REASONS.items() if words in said.lower()), None)
    sentence = (known or _REFUSALS.get(error.status, _REFUSED)).format(
        doing=doing, repository=repository, said=said
    )
    return (
        UpstreamKeyRefusedError(sentence)
        if error.status == 401
        else GitHubRefusedError(sentence, error.status, said)
    )


# Refusals that pass by themselves, with the seconds after which they do: a branch that was just made is not known
# everywhere at once, and content may come too fast.
_PASSING = {"head invalid": 2.0, "submitted too quickly": SECONDARY_LIMIT_WAIT}
_REFUSED = "GitHub refused while {doing} in {repository}: {said}. An operator must look at it."
_RULE = "A rule of {repository} forbids {doing}: {said}. An operator must exempt the portal's key or its branches from the rule."
_REASONS = {
    "rule violation": _RULE,
    "protected branch": _RULE,
    "base invalid": "{repository} has no such base branch ({said}). An operator must correct GITHUB_BASE_BRANCH.",
    "draft pull requests are not supported": (
        "{repository} does not take drafts ({said}). An operator must switch drafts off: GITHUB_DRAFT and the catalog."
    ),
    "archived": "{repository} is archived ({said}). An operator must unarchive it or change GITHUB_REPO.",
}
_REFUSALS = {
    401: "GitHub does not accept the portal's key ({said}). An operator must renew GITHUB_TOKEN or the App's key.",
    403: (
        "GitHub does not allow {doing} in {repository}: {said}. An operator must give the portal's key write access to "
        "contents and pull requests, or exempt it from the rule."
    ),
    404: (
        "GitHub shows nothing while {doing}: {repository} does not exist, or the portal's key may not see it. An "
        "operator must check GITHUB_ORG, GITHUB_REPO, the base branch and the key's access."
    ),
    409: "{repository} has a conflict while {doing}: {said}. If it is empty, an operator must push a first commit.",
    410: "{repository} has that feature switched off while {doing}: {said}. An operator must switch it on.",
    451: "GitHub has blocked {repository}: {said}.",
}


def _is_rate_limit(error: GithubException, headers: Mapping[str, str]) -> bool:
    """403 or 429, told by header or words:
    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api"""
    if error.status == 429:
        return True
    exhausted = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
    return error.status == 403 and (exhausted or "rate limit" in quoted(error).lower())


def _rate_limited(headers: Mapping[str, str], doing: str) -> RateLimitedError:
    wait = retry_after(headers)
    wait = SECONDARY_LIMIT_WAIT if wait is None else wait
    return RateLimitedError(
        f"GitHub's rate limit is reached while {doing}. Next attempt in about {_duration(wait)}.",
        wait,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds: `Retry-After` as number or date, else the reset of an exhausted limit."""
    if asked := headers.get("retry-after"):
        return seconds_of(asked)
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal():
        return max(0.0, float(reset) - time.time())
    return None


def _duration(seconds: float) -> str:
    return f"{round(seconds)} seconds" if seconds < 120 else f"{round(seconds / 60)} minutes"


def quoted(error: GithubException) -> str:
    """GitHub's own words on one line: `message`, then the messages of `errors`."""
    data: Any = error.data
    parts = [data.get("message")] if isinstance(data, dict) else [data]
    details = data.get("errors") if isinstance(data, dict) else None
    parts += [_detail(detail) for detail in (details if isinstance(details, list) else ())]
    line = "; ".join(" ".join(str(part).split()) for part in parts if part)
    # It goes into the history and onto pages; a terminal that shows it must not be led astray.
    printable = "".join(c for c in line if c.isprintable()).rstrip(".")
    return f"“{printable[:300]}”" if printable else f"status {error.status}"


def _detail(detail: Any) -> Any:
    if not isinstance(detail, dict):
        return detail
    return detail.get("message") or f"{detail.get('field', '')} {detail.get('code', '')}"

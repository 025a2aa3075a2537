"""What happens to a pull request after it was opened. Pure.

Its state is always read from the host as a whole. A webhook is a hint that a look is worth while, and says where; so a
delivery that is lost, doubled, late or out of order can spoil nothing. Looks may overtake each other, too: of two, the one
that began later knows more, and `merge_state` keeps it.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioning.domain import Checks, PullRequestState, Review

Happening = tuple[str, str]


@dataclass(frozen=True, slots=True)
class WebhookTarget:
    """Which pull requests of which repository a delivery is about: by number, or by the commit at their head."""

    repository: str
    numbers: frozenset[int] = frozenset()
    commits: frozenset[str] = frozenset()


def signed(secret: str, body: bytes, signature: str) -> bool:
    """`X-Hub-Signature-256` over the raw body, compared in constant time. Without a secret nothing counts as signed.
    https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries"""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    expected = f"sha256={digest}".encode()
    # As bytes: `compare_digest` raises for a text with anything but ASCII, which an attacker may send.
    given = signature.encode(errors="replace")
    return bool(secret) and hmac.compare_digest(expected, given)


def webhook_target(payload: Any) -> WebhookTarget | None:
    """Of any event that names a pull request or a commit; None for all others, whatever their shape."""
    if not isinstance(payload, Mapping):
        return None
    name = _of(payload, "repository", "full_name")
    if not isinstance(name, str):
        return None
    numbers = [_of(payload, "pull_request", "number")]
    head = _of(payload, "pull_request", "head")
    # A push names the commit before and after itself; a status names its commit in `sha`.
    commits = [payload.get("sha"), payload.get("before"), _of({"head": head}, "head", "sha")]
    for key in ("check_run", "check_suite"):
        numbers += _numbers(payload, key)
        commits.append(_of(payload, key, "head_sha"))
    whole = frozenset(number for number in numbers if isinstance(number, int) and number > 0)
    named = frozenset(commit for commit in commits if isinstance(commit, str) and commit)
    return WebhookTarget(name, whole, named) if whole or named else None


def _of(payload: Mapping[str, Any], key: str, inner: str) -> Any:
    part = payload.get(key)
    return part.get(inner) if isinstance(part, Mapping) else None


def _numbers(payload: Mapping[str, Any], key: str) -> list[Any]:
    pulls = _of(payload, key, "pull_requests")
    if not isinstance(pulls, list):
        return []
    return [pull.get("number") for pull in pulls if isinstance(pull, Mapping)]


# https://docs.github.com/en/rest/pulls/reviews#list-reviews-for-a-pull-request; a comment or a pending review decides nothing.
VERDICTS = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})


def review_of(verdicts: Iterable[tuple[str, str]]) -> tuple[Review, tuple[str, ...]]:
    """From (reviewer, GitHub's state), oldest first: each reviewer's last verdict counts, a comment is none. With those
    whose verdict decides."""
    last = {reviewer: verdict for reviewer, verdict in verdicts if verdict in VERDICTS}
    against = _who(last, "CHANGES_REQUESTED")
    in_favor = _who(last, "APPROVED")
    # One objection outweighs any number of approvals, as branch protection sees it.
    if against:
        return "changes_requested", against
    return ("approved", in_favor) if in_favor else ("none", ())


def _who(last: Mapping[str, str], wanted: str) -> tuple[str, ...]:
    return tuple(sorted(who for who, verdict in last.items() if verdict == wanted))


# GitHub lets a pull request with required checks merge on these three:
# https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/collaborating-on-repositories-with-code-quality-features/troubleshooting-required-status-checks
GREEN = frozenset({"success", "neutral", "skipped"})
RUNNING = frozenset({None, "pending"})


def checks_of(results: Iterable[str | None]) -> Checks:
    """From conclusions of check runs and states of commit statuses; None or "pending" is one that still runs."""
    every = list(results)
    if not every:
        return "none"
    open_or_bad = [result for result in every if result not in GREEN]
    # A failure is news while others still run; waiting for them would hide it.
    if any(result not in RUNNING for result in open_or_bad):
        return "failed"
    return "pending" if open_or_bad else "passed"


def merge_state(known: PullRequestState | None, seen: PullRequestState) -> PullRequestState:
    """What to believe after a look. A merge is final; whoever closed or merged stays known when a later look cannot tell."""
    if known is None:
        return seen
    # By Postgres's clock: two workers' own clocks put nothing in order.
    if seen.looked_at <= known.looked_at:
        return known
    # GitHub cannot take a merge back; whatever says so is an older answer.
    if known.state == "merged" and seen.state != "merged":
        return known
    seen = replace(seen, **_kept(known, seen))
    if seen.state == known.state and not seen.ended_by:
        return replace(seen, ended_by=known.ended_by)
    return seen


def _kept(known: PullRequestState, seen: PullRequestState) -> dict[str, Any]:
    """What an outage hid is as it was; checks belong to the commit that they ran on."""
    kept: dict[str, Any] = {}
    if "reviews" in seen.unread:
        kept |= {"review": known.review, "reviewers": known.reviewers}
    if "checks" in seen.unread and seen.head_sha == known.head_sha:
        kept["checks"] = known.checks
    return kept


def diff_states(known: PullRequestState | None, now: PullRequestState) -> list[Happening]:
    """What to write into the history, as (kind, sentence): the steps from one state to the next, in the order in which
    they can have happened."""
    before = known or replace(now, state="open", review="none", checks="none", draft=now.draft)
    found: list[Happening] = []
    if now.head_sha != before.head_sha:
        found.append(("pushed", f"New commits: {now.head_sha[:12]}."))
    if before.draft and not now.draft:
        found.append(("ready", "Ready for review."))
    others_decide = now.review != "none" and now.reviewers != before.reviewers
    if now.review != before.review or others_decide:
        reviewers = " and ".join(now.reviewers)
        found.append((f"review_{now.review}", _REVIEWS[now.review].format(who=reviewers)))
    if now.checks not in (before.checks, "none"):
        found.append((f"checks_{now.checks}", _CHECKS[now.checks]))
    if now.state != before.state:
        found.append(_ended_or_reopened(now))
    return found


def _ended_or_reopened(now: PullRequestState) -> Happening:
    if now.state == "open":
        return "reopened", "Opened again."
    by = f" by {now.ended_by}" if now.ended_by else ""
    return now.state, f"{_ENDS[now.state]}{by}."


_REVIEWS = {
    "none": "The reviews no longer count.",
    "approved": "Approved by {who}.",
    "changes_requested": "{who} asked for changes.",
}
_CHECKS = {
    "pending": "Checks are running.",
    "passed": "All checks passed.",
    "failed": "A check failed.",
}
_ENDS = {"merged": "Merged", "closed": "Closed without a merge"}

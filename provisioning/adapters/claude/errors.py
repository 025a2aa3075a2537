"""What the Claude API, or the way to it, did wrong, as one sentence that says who has to do what."""

from typing import TYPE_CHECKING

from provisioning.adapters.retry_after import seconds_of
from provisioning.errors import (
    PortalError,
    RateLimitedError,
    UpstreamCreditExhaustedError,
    UpstreamKeyRefusedError,
    UpstreamOverloadedError,
    UpstreamRefusedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
    UpstreamUnreachableError,
)

if TYPE_CHECKING:
    from anthropic import APIStatusError


_REFUSED = "Claude refused the call ({status}): {said}. An operator must look at it; ANTHROPIC_MODEL is {model!r}."
_NO_CREDIT = (
    "The Anthropic account has no credit left ({said})."
    " Check the billing of the account that ANTHROPIC_API_KEY belongs to."
)
_REFUSALS = {
    401: "Claude does not accept the key. Check ANTHROPIC_API_KEY.",
    402: _NO_CREDIT,
    403: "The key may not do this. Check the permissions of ANTHROPIC_API_KEY.",
    404: "Claude has no model {model!r} for this key. Check ANTHROPIC_MODEL.",
    413: "The request and the catalog together are too large for Claude. Shorten the text.",
}


def in_our_words(error: Exception, model: str) -> PortalError:
    import anthropic

    if isinstance(error, anthropic.RateLimitError):
        return RateLimitedError(
            "Claude's rate limit is reached; the request is tried again.", _wait(error)
        )
    if isinstance(error, anthropic.APIStatusError):
        return _refusal(error, model)
    if isinstance(error, anthropic.APITimeoutError):
        return UpstreamTimeoutError("Claude did not answer in time; the request is tried again.")
    return UpstreamUnreachableError("Claude could not be reached; the request is tried again.")


def _refusal(error: "APIStatusError", model: str) -> PortalError:
    import anthropic

    status = error.status_code
    if status >= 500 or status in {408, 409}:
        seconds = _wait(error)
        if isinstance(error, anthropic.OverloadedError):
            return UpstreamOverloadedError(
                "Claude is overloaded; the request is tried again.", seconds
            )
        return UpstreamUnavailableError(
            f"Claude is failing ({status}); the request is tried again.", seconds
        )
    said = _quoted(error)
    no_credit = status == 402 or (status == 400 and "credit balance" in said.lower())
    form = _NO_CREDIT if no_credit else _REFUSALS.get(status, _REFUSED)
    sentence = form.format(status=status, model=model, said=said)
    if no_credit:
        return UpstreamCreditExhaustedError(sentence)
    return (
        UpstreamKeyRefusedError(sentence)
        if status in {401, 403}
        else UpstreamRefusedError(sentence)
    )


def _quoted(error: "APIStatusError") -> str:
    """The service's own sentence, on one line and cut; its body is hostile input like any other."""
    body = error.body if isinstance(error.body, dict) else {}
    detail = body.get("error")
    told = detail.get("message") if isinstance(detail, dict) else None
    words = " ".join(str(told or "no reason given").split())
    return f"“{''.join(c for c in words if c.isprintable())[:300].rstrip('.')}”"


def _wait(error: "APIStatusError") -> float | None:
    return seconds_of(error.response.headers.get("retry-after", ""))

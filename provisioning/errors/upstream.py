"""What services outside of the portal do: GitHub, Claude, Terraform, the embedded repository."""

from provisioning.errors.base import PortalError

# What a service asks for is kept within a day: what comes from outside may be any number.
LONGEST_WAIT_SECONDS = 86_400.0


class UpstreamUnavailableError(PortalError):
    """An outside service did not do its part; `retry_after` is its own wish in seconds, where it told one, and at most a day:
    what comes from outside may be any number."""

    code = "upstream_unavailable"
    http_status = 503
    title = "A service that the portal needs did not answer"
    next_step = "Nothing is lost. Try again in a minute."
    retryable = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = None if retry_after is None else _bounded(retry_after)


def _bounded(seconds: float) -> float:
    """Not a number is no wait: it compares as smaller than nothing."""
    return min(LONGEST_WAIT_SECONDS, seconds) if seconds > 0 else 0.0


class RateLimitedError(UpstreamUnavailableError):
    code = "rate_limited"
    title = "A service that the portal needs asks for a pause"
    next_step = "Nothing is lost. Try again in a few minutes."


class UpstreamOverloadedError(UpstreamUnavailableError):
    code = "upstream_overloaded"
    title = "A service that the portal needs is overloaded"
    next_step = "Nothing is lost. Try again in a few minutes."


class UpstreamTimeoutError(UpstreamUnavailableError):
    code = "upstream_timeout"
    title = "A service that the portal needs took too long"


class UpstreamUnreachableError(UpstreamUnavailableError):
    """No connection, or one that broke before there was an answer."""

    code = "upstream_unreachable"
    title = "A service that the portal needs cannot be reached"


class BranchTakenError(UpstreamUnavailableError):
    """Somebody else has the branch's name. The next attempt looks again and takes the next candidate."""

    code = "branch_taken"
    title = "The branch's name is taken"
    next_step = "Try again: the next attempt takes another name."


class UpstreamRefusedError(PortalError):
    """An outside service refuses for a reason that an operator must correct (key, permission, missing repository)."""

    code = "upstream_refused"
    http_status = 502
    title = "A service refuses the portal"
    next_step = "An operator must correct its key or permission; then try again."


class UpstreamKeyRefusedError(UpstreamRefusedError):
    """The key is not accepted: waited out, because a key that is being changed or was made a second ago is accepted soon."""

    retryable = True
    code = "upstream_key_refused"
    title = "A service does not accept the portal's key"
    next_step = "An operator must replace the key; then try again."


class UpstreamCreditExhaustedError(UpstreamRefusedError):
    """The account has no credit: nothing is wrong with the request or the key, and another parser can read the text."""


class ModelRefusedError(PortalError):
    """The model declined to read the text."""

    code = "model_refused"
    http_status = 502
    title = "The model declined to read this"
    next_step = "Say it in other words and send it again."
    can_retry = False


class AnswerCutOffError(ModelRefusedError):
    code = "model_cut_off"
    title = "The model could not finish its answer"
    next_step = "Ask for fewer resources at once."


class AnswerUnreadableError(ModelRefusedError):
    """The model's answer is not in the agreed form."""

    code = "model_unreadable"
    title = "The model's answer could not be read"
    next_step = "Try again; answers differ from one time to the next."
    can_retry = True


class BadSignatureError(PortalError):
    """A webhook that the repository host did not send."""

    code = "bad_signature"
    http_status = 401
    title = "The delivery is not signed by GitHub"
    next_step = "Give GitHub's webhook the secret that stands in GITHUB_WEBHOOK_SECRET."

"""What may go wrong on purpose. Each error carries a code for programs and one sentence for people.

Anything that is not a `PortalError` is a bug: it is logged with its traceback and shown as `internal_error`.
"""

from collections.abc import Sequence
from typing import ClassVar

from provisioning.domain import Question, Usage


class PortalError(Exception):
    """`retryable` says whether the same request may succeed later without anybody changing anything. `usage` is what was
    spent on the model before it was raised."""

    code: ClassVar[str] = "internal_error"
    retryable: ClassVar[bool] = False
    usage: Usage | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class CatalogError(PortalError):
    """A mistake in a catalog folder. Stops the start; names file, key and reason."""

    code = "catalog_error"


class InvalidInputError(PortalError):
    """The caller's input; `field` is the name that the caller used."""

    code = "invalid_input"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class CredentialInTextError(InvalidInputError):
    """The text holds something like a secret: it is neither stored nor sent anywhere."""

    code = "credential_in_text"


class ClarificationNeededError(PortalError):
    """What cannot be settled without the requester; `questions` has one to three entries."""

    code = "needs_clarification"

    def __init__(self, message: str, questions: Sequence[Question]) -> None:
        super().__init__(message)
        self.questions = tuple(questions)


class OutOfScopeError(PortalError):
    code = "out_of_scope"


class PolicyViolationError(PortalError):
    """All violations at once, each naming its rule and what is allowed."""

    code = "policy_violation"

    def __init__(self, violations: Sequence[str]) -> None:
        super().__init__(" ".join(violations))
        self.violations = tuple(violations)


class CheckFailedError(PortalError):
    """The Terraform that was written did not pass a check. Nothing was published."""

    code = "check_failed"


class DirectoryConflictError(PortalError):
    """The directory is taken: by the base branch, an open pull request or another request."""

    code = "directory_conflict"


class SameUnderwayError(PortalError):
    """Another request is about to open a pull request with the same in this directory: this one waits for it."""

    code = "same_underway"
    retryable = True

    def __init__(self, message: str, directory: str) -> None:
        super().__init__(message)
        self.directory = directory


class PullRequestClosedError(PortalError):
    """A pull request of this request exists and somebody closed it; another one is not opened behind their back."""

    code = "pull_request_closed"


LONGEST_WAIT_SECONDS = 86_400.0


class UpstreamUnavailableError(PortalError):
    """An outside service did not do its part; `retry_after` is its own wish in seconds, where it told one, and at most a day:
    what comes from outside may be any number."""

    code = "upstream_unavailable"
    retryable = True

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = None if retry_after is None else _bounded(retry_after)


def _bounded(seconds: float) -> float:
    """Not a number is no wait: it compares as smaller than nothing."""
    return min(LONGEST_WAIT_SECONDS, seconds) if seconds > 0 else 0.0


class RateLimitedError(UpstreamUnavailableError):
    code = "rate_limited"


class UpstreamOverloadedError(UpstreamUnavailableError):
    code = "upstream_overloaded"


class UpstreamTimeoutError(UpstreamUnavailableError):
    code = "upstream_timeout"


class UpstreamUnreachableError(UpstreamUnavailableError):
    """No connection, or one that broke before there was an answer."""

    code = "upstream_unreachable"


class BranchTakenError(UpstreamUnavailableError):
    """Somebody else has the branch's name. The next attempt looks again and takes the next candidate."""

    code = "branch_taken"


class UpstreamRefusedError(PortalError):
    """An outside service refuses for a reason that an operator must mend (key, permission, missing repository)."""

    code = "upstream_refused"


class UpstreamKeyRefusedError(UpstreamRefusedError):
    """The key is not accepted: waited out, because a key that is being changed or was made a second ago is accepted soon."""

    retryable = True
    code = "upstream_key_refused"


class UpstreamCreditExhaustedError(UpstreamRefusedError):
    """The account has no credit: nothing is wrong with the request or the key, and another parser can read the text."""


class ModelRefusedError(PortalError):
    """The model declined to read the text."""

    code = "model_refused"


class AnswerCutOffError(ModelRefusedError):
    code = "model_cut_off"


class AnswerUnreadableError(ModelRefusedError):
    """The model's answer is not in the agreed form."""

    code = "model_unreadable"


class CancelledError(PortalError):
    code = "cancelled"


class LeaseLostError(PortalError):
    """Another worker holds the request now; this one stops without a trace in the request."""

    code = "lease_lost"


class IdempotencyConflictError(InvalidInputError):
    code = "idempotency_conflict"


class NotAllowedError(PortalError):
    """The caller may not do this; the sentence says who may."""

    code = "not_allowed"


class TooManyCallsError(PortalError):
    """The caller's limit; `retry_after` is in seconds."""

    code = "too_many_calls"
    retryable = True

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotPossibleError(PortalError):
    """The request's state does not allow it."""

    code = "not_possible"


class AttemptsExhaustedError(PortalError):
    """Every attempt ended without a word: the request kills its worker, or a bug does."""

    code = "internal_error"


class BadSignatureError(PortalError):
    """A webhook that the repository host did not send."""

    code = "bad_signature"

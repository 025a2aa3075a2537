"""What may go wrong on purpose. A class carries everything that is true of its kind, and every table (statuses
of the API, advice on a page, filters of the list) is derived from the classes: a new error is one class here.

Anything that is not a `PortalError` is a bug: it is logged with its traceback and shown as `internal_error`.
"""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from provisioning.domain import Question, Usage

# How a request ended that ended with the error: something broke, a rule forbids it, somebody stopped it, or
# the portal asks its requester.
Outcome = Literal["failed", "refused", "stopped", "question"]


class PortalError(Exception):
    """`message` is one sentence for people that names what to do, and never holds a secret.

    `code` is for programs and published: it never changes. `http_status` is the API's answer. `title` stands above
    the message and `next_step` below it; `label` is the word of a list for a request that ended so.
    `retryable`: the portal itself tries again, since the same may succeed later without anybody changing anything.
    `can_retry` and `can_edit`: trying again by hand, or with another text, may help; `shows_catalog`: so may a look
    at what there is. `usage` is what was spent on the model before it was raised.
    """

    # Templates get the class of an error, and Django calls whatever is callable in a template.
    do_not_call_in_templates: ClassVar[bool] = True

    code: ClassVar[str] = "internal_error"
    http_status: ClassVar[int] = 400
    title: ClassVar[str] = "Something went wrong in the portal"
    next_step: ClassVar[str] = (
        "Try again. If it fails again, tell the platform team the request's id."
    )
    label: ClassVar[str] = "Failed"
    outcome: ClassVar[Outcome] = "failed"
    retryable: ClassVar[bool] = False
    can_retry: ClassVar[bool] = True
    can_edit: ClassVar[bool] = True
    shows_catalog: ClassVar[bool] = False
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
    http_status = 422
    title = "Something in the request cannot be used"
    next_step = "Change it and send the request again."
    can_retry = False

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class CredentialInTextError(InvalidInputError):
    """The text holds something like a secret: it is neither stored nor sent anywhere."""

    code = "credential_in_text"
    title = "The text seems to hold a secret"
    next_step = "Take it out and send the request again."


class ClarificationNeededError(PortalError):
    """What cannot be settled without the requester; `questions` has one to three entries."""

    code = "needs_clarification"
    title = "An answer is needed"
    next_step = "Nothing was guessed. A new request goes on from here with what you answer."
    label = "Needs an answer"
    outcome = "question"
    can_retry = False

    def __init__(self, message: str, questions: Sequence[Question]) -> None:
        super().__init__(message)
        self.questions = tuple(questions)


class OutOfScopeError(PortalError):
    code = "out_of_scope"
    title = "The portal does not offer this"
    next_step = "Look at the catalog for what can be asked for, or talk to the platform team."
    label = "Not offered"
    shows_catalog = True
    can_retry = False


class PolicyViolationError(PortalError):
    """All violations at once, each naming its rule and what is allowed."""

    code = "policy_violation"
    title = "A policy of the platform forbids this"
    next_step = "Change what the rule names and send the request again."
    label = "Refused by policy"
    outcome = "refused"
    can_retry = False

    def __init__(self, violations: Sequence[str]) -> None:
        super().__init__(" ".join(violations))
        self.violations = tuple(violations)


class CheckFailedError(PortalError):
    """The Terraform that was written did not pass a check. Nothing was published."""

    code = "check_failed"
    title = "The Terraform did not pass a check"
    next_step = (
        "Nothing was published. This is the platform team's to fix; tell them the request's id."
    )
    can_retry = False


class DirectoryConflictError(PortalError):
    """The directory is taken: by the base branch, an open pull request or another request."""

    code = "directory_conflict"
    title = "The name is taken"
    next_step = "Ask for a change of what is there, or use another name in the sentence."
    can_retry = False


class SameUnderwayError(PortalError):
    """Another request is about to open a pull request with the same in this directory: this one waits for it."""

    code = "same_underway"
    title = "The same is on its way"
    next_step = "Nothing to do: this request shares that pull request."
    can_retry = False
    can_edit = False
    retryable = True

    def __init__(self, message: str, directory: str) -> None:
        super().__init__(message)
        self.directory = directory


class HostTurnError(PortalError):
    """The repository host takes no more changes at this moment: the request's turn comes in `seconds`, after `ahead` others."""

    code = "waiting_for_turn"
    title = "It waits for its turn at GitHub"
    next_step = "Nothing to do: it goes on by itself."
    can_retry = False
    can_edit = False
    retryable = True

    def __init__(self, seconds: float, ahead: int) -> None:
        minutes = max(1, round(seconds / 60))
        others = f", {ahead} before this one" if ahead else ""
        unit = "minute" if minutes == 1 else "minutes"
        super().__init__(
            f"GitHub takes only so many changes an hour: about {minutes} {unit}{others}."
        )
        self.seconds, self.ahead = seconds, ahead


class PullRequestClosedError(PortalError):
    """A pull request of this request exists and somebody closed it; another one is not opened behind their back."""

    code = "pull_request_closed"
    title = "Its pull request was closed"
    next_step = "Reopen it at the repository, or send the request again as a new one."
    can_retry = False


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


class CancelledError(PortalError):
    code = "cancelled"
    title = "Cancelled"
    next_step = "No pull request was opened."
    label = "Cancelled"
    outcome = "stopped"
    can_retry = False


class LeaseLostError(PortalError):
    """Another worker holds the request now; this one stops without a trace in the request."""

    code = "lease_lost"


class IdempotencyConflictError(InvalidInputError):
    code = "idempotency_conflict"
    title = "The Idempotency-Key belongs to another request"
    next_step = "Use a new key for another body; a repeat sends the same body again."


class NotAllowedError(PortalError):
    """The caller may not do this; the sentence says who may."""

    code = "not_allowed"
    http_status = 403
    title = "Not everybody may ask for this"
    next_step = "The sentence says who may; an administrator can grant it."


class TooManyCallsError(PortalError):
    """The caller's limit; `retry_after` is in seconds."""

    code = "too_many_calls"
    http_status = 429
    title = "Too many calls"
    next_step = "Wait for as long as the sentence says and try again."
    retryable = True
    can_edit = False

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NotPossibleError(PortalError):
    """The request's state does not allow it."""

    code = "not_possible"
    http_status = 409
    title = "The request's state does not allow this"
    next_step = "Look at its status."
    can_retry = False
    can_edit = False


class AttemptsExhaustedError(PortalError):
    """Every attempt ended without a word: the request kills its worker, or a bug does."""

    code = "internal_error"


class BadSignatureError(PortalError):
    """A webhook that the repository host did not send."""

    code = "bad_signature"
    http_status = 401
    title = "The delivery is not signed by GitHub"
    next_step = "Give GitHub's webhook the secret that stands in GITHUB_WEBHOOK_SECRET."


def _classes(kind: type[PortalError] = PortalError) -> Iterator[type[PortalError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _classes(narrower)


def by_code(code: str) -> type[PortalError]:
    """The class that names this code itself; for a code that no class names (of an older release) `PortalError`."""
    named = (kind for kind in _classes() if vars(kind).get("code") == code)
    return next(named, PortalError)


def codes_with(*outcomes: Outcome) -> tuple[str, ...]:
    """The codes of all errors that end a request with one of these outcomes."""
    return tuple(dict.fromkeys(kind.code for kind in _classes() if kind.outcome in outcomes))

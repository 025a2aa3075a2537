"""Why a request ends without a pull request, or later than it would: what was asked for, and what is there already."""

from collections.abc import Sequence

from provisioning.domain import Question, Requirements, Violation
from provisioning.errors.base import PortalError


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


class StalePreviewError(PortalError):
    """The submission names a preview of something else: it is shown anew, and nothing is opened."""

    code = "stale_preview"
    http_status = 409
    title = "Look at the preview again"
    next_step = "Look at the preview, then open the pull request."
    can_retry = False


class OutOfScopeError(PortalError):
    code = "out_of_scope"
    title = "The portal does not offer this"
    next_step = "Look at the catalog for what can be asked for, or talk to the platform team."
    label = "Not offered"
    shows_catalog = True
    can_retry = False


class PolicyViolationError(PortalError):
    """All violations at once. `requirements` are what breaks the rules, as far as it was settled."""

    code = "policy_violation"
    title = "A policy of the platform forbids this"
    next_step = "Change what the rule names and send the request again."
    label = "Refused by policy"
    outcome = "refused"
    can_retry = False

    def __init__(
        self, violations: Sequence[Violation], requirements: Requirements | None = None
    ) -> None:
        super().__init__(" ".join(violation.sentence for violation in violations))
        self.violations = tuple(violations)
        self.requirements = requirements


class PlatformNotConfiguredError(PortalError):
    """The platform's own values are missing for what was asked for: the shipped examples are still there."""

    code = "platform_not_configured"
    http_status = 503
    title = "The platform is not set up for this environment yet"
    next_step = (
        "The platform team replaces what is named here in platform.toml; then try again."
        " Other environments may be ready."
    )
    label = "Not set up"
    can_edit = False


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


class AttemptsExhaustedError(PortalError):
    """Every attempt ended without a word: the request kills its worker, or a bug does."""

    code = "internal_error"

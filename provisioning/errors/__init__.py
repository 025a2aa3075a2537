"""What may go wrong on purpose. A class carries everything that is true of its kind, and every table (statuses
of the API, advice on a page, filters of the list) is derived from the classes: a new error is one class here.

Anything that is not a `PortalError` is a bug: it is logged with its traceback and shown as `internal_error`.
"""

from collections.abc import Iterator

from provisioning.errors.base import Outcome, PortalError
from provisioning.errors.callers import (
    IdempotencyConflictError,
    NotAllowedError,
    NotPossibleError,
    TooManyCallsError,
)
from provisioning.errors.requests import (
    AttemptsExhaustedError,
    CancelledError,
    CatalogError,
    CheckFailedError,
    ClarificationNeededError,
    CredentialInTextError,
    DirectoryConflictError,
    HostTurnError,
    InvalidInputError,
    LeaseLostError,
    OutOfScopeError,
    PlatformNotConfiguredError,
    PolicyViolationError,
    PullRequestClosedError,
    SameUnderwayError,
    StalePreviewError,
)
from provisioning.errors.upstream import (
    AnswerCutOffError,
    AnswerUnreadableError,
    BadSignatureError,
    BranchTakenError,
    ModelRefusedError,
    RateLimitedError,
    UpstreamCreditExhaustedError,
    UpstreamKeyRefusedError,
    UpstreamOverloadedError,
    UpstreamRefusedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
    UpstreamUnreachableError,
)

__all__ = [
    "AnswerCutOffError",
    "AnswerUnreadableError",
    "AttemptsExhaustedError",
    "BadSignatureError",
    "BranchTakenError",
    "CancelledError",
    "CatalogError",
    "CheckFailedError",
    "ClarificationNeededError",
    "CredentialInTextError",
    "DirectoryConflictError",
    "HostTurnError",
    "IdempotencyConflictError",
    "InvalidInputError",
    "LeaseLostError",
    "ModelRefusedError",
    "NotAllowedError",
    "NotPossibleError",
    "OutOfScopeError",
    "Outcome",
    "PlatformNotConfiguredError",
    "PolicyViolationError",
    "PortalError",
    "PullRequestClosedError",
    "RateLimitedError",
    "SameUnderwayError",
    "StalePreviewError",
    "TooManyCallsError",
    "UpstreamCreditExhaustedError",
    "UpstreamKeyRefusedError",
    "UpstreamOverloadedError",
    "UpstreamRefusedError",
    "UpstreamTimeoutError",
    "UpstreamUnavailableError",
    "UpstreamUnreachableError",
    "by_code",
    "codes_with",
]


def _classes(kind: type[PortalError] = PortalError) -> Iterator[type[PortalError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _classes(narrower)


def by_code(code: str) -> type[PortalError]:
    """The class that names this code itself; for a code that no class names (of an older release) `PortalError`."""
    # Only a class that says the code itself: narrower ones inherit it, and their sentences say more.
    named = (kind for kind in _classes() if vars(kind).get("code") == code)
    return next(named, PortalError)


def codes_with(*outcomes: Outcome) -> tuple[str, ...]:
    """The codes of all errors that end a request with one of these outcomes."""
    # Two classes may share a code, as those of internal_error do.
    return tuple(dict.fromkeys(kind.code for kind in _classes() if kind.outcome in outcomes))

"""What a caller may not do, whatever the request."""

from provisioning.errors.base import PortalError
from provisioning.errors.requests import InvalidInputError


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

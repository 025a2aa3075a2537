"""What may go wrong with a call before or beside the request that it is about. See `provisioning.errors` for the rest."""

from collections.abc import Iterator
from typing import ClassVar

from provisioning.errors import InvalidInputError, PortalError


class CallError(PortalError):
    """`sentence` is what the caller reads; a subclass whose sentence needs the call's own facts takes it as `message`."""

    sentence: ClassVar[str] = ""
    can_edit = False
    can_retry = False

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.sentence)


class BadCallError(CallError):
    code = "bad_call"
    http_status = 400
    title = "The call could not be read"
    sentence = "The call could not be read."
    next_step = "Compare it with /docs."


class NotJsonError(CallError):
    """`message` says what is wrong with the text."""

    code = "not_json"
    http_status = 400
    title = "The body is not JSON"
    sentence = "The body is not JSON."
    next_step = "Send one JSON object in UTF-8, with each name once."


class UnknownCallerError(CallError):
    code = "unauthorized"
    http_status = 401
    title = "Nobody knows who is calling"
    sentence = (
        "Send `Authorization: Bearer <token>` with a token of your own, "
        "or the one that this portal's operator set as API_TOKEN."
    )
    next_step = "Make a token of your own at /settings/tokens, or ask the platform team for one."


class ProofMissingError(CallError):
    """A session's cookie comes along by itself; the proof does not."""

    code = "csrf_proof_missing"
    http_status = 403
    title = "The call lacks its proof"
    sentence = "The call came with a session and without its proof."
    next_step = "Send the X-CSRFToken header with the value of the csrftoken cookie."


class NotFoundError(CallError):
    """Somebody else's request is not found either: the answer does not tell which."""

    code = "not_found"
    http_status = 404
    title = "There is nothing at this address"
    sentence = "There is nothing at this address."
    next_step = "Check the id and whose it is; /docs lists the addresses."


class MethodNotAllowedError(CallError):
    code = "method_not_allowed"
    http_status = 405
    title = "The address does not take this method"
    next_step = "The header Allow names what it takes; /docs describes it."

    def __init__(self, method: str | None) -> None:
        super().__init__(f"This address does not take {method}.")


class BodyTooSlowError(CallError):
    code = "body_too_slow"
    http_status = 408
    title = "The body took too long"
    sentence = "The body took too long to arrive."
    next_step = "Send it again in one piece."
    retryable = True


class BodyTooLargeError(CallError):
    code = "body_too_large"
    http_status = 413
    title = "The body is too large"
    sentence = "The body is too large: a request has at most 4,000 characters."
    next_step = "Shorten it and send it again."


class WrongContentTypeError(CallError):
    code = "wrong_content_type"
    http_status = 415
    title = "The body is not announced as JSON"
    next_step = "Send the header Content-Type: application/json."

    def __init__(self, sent: str) -> None:
        said = f"{sent[:80]!r}" if sent else "nothing"
        super().__init__(
            f"The header Content-Type says {said}; this address takes application/json."
        )


class TooManyPreviewsError(CallError):
    code = "too_many_previews"
    http_status = 429
    title = "Too many previews at once"
    sentence = "Too many previews are being made at this moment."
    next_step = "Try again in a few seconds."
    retryable = True
    retry_after = 5


class PortalFailedError(CallError):
    """A bug, as whoever calls sees it."""

    code = "internal_error"
    http_status = 500
    sentence = (
        "Something went wrong in the portal; the failure is in its log. "
        "Requests that were already sent are safe and go on."
    )
    next_step = "Try again. If it fails again, tell the platform team the call_id."
    retryable = True


class DatabaseAwayError(CallError):
    code = "database_away"
    http_status = 503
    title = "The portal's database does not answer"
    sentence = "The portal's database does not answer; requests that were already sent are safe."
    next_step = "Try again in a few seconds."
    retryable = True
    retry_after = 5


class UnknownParameterError(InvalidInputError):
    """A filter that nobody knows would not filter, and its caller would not notice."""

    code = "unknown_parameter"
    title = "There is no such parameter"
    next_step = "Leave it out or correct its name; /docs lists the parameters of each address."


class BadCursorError(InvalidInputError):
    code = "bad_cursor"
    title = "The cursor is not one of this list"
    next_step = "Begin again without a cursor, and keep the filters while you follow next_cursor."


BY_STATUS: dict[int, type[CallError]] = {
    kind.http_status: kind
    for kind in (
        BadCallError,
        NotFoundError,
        BodyTooSlowError,
        BodyTooLargeError,
        TooManyPreviewsError,
        PortalFailedError,
        DatabaseAwayError,
    )
}


def every_kind(kind: type[PortalError] = PortalError) -> Iterator[type[PortalError]]:
    """Every error of the portal that has a code of its own, the root first."""
    if "code" in vars(kind):
        yield kind
    for narrower in kind.__subclasses__():
        yield from every_kind(narrower)


def every_code() -> list[str]:
    return sorted({kind.code for kind in every_kind()})

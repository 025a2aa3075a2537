"""What every error carries."""

from typing import ClassVar, Literal

from provisioning.domain import Usage

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
    # Most errors are the call's; those that are not say so.
    http_status: ClassVar[int] = 400
    title: ClassVar[str] = "Something went wrong in the portal"
    next_step: ClassVar[str] = (
        "Try again. If it fails again, tell the platform team the request's id."
    )
    label: ClassVar[str] = "Failed"
    outcome: ClassVar[Outcome] = "failed"
    retryable: ClassVar[bool] = False
    # Trying again does no harm anywhere, see `requests/tasks.py`; a class says where it is of no use.
    can_retry: ClassVar[bool] = True
    can_edit: ClassVar[bool] = True
    shows_catalog: ClassVar[bool] = False
    usage: Usage | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

"""A request by its id, for callers who may see it."""

import re

from django.http import HttpRequest

from provisioning import wiring
from provisioning.api.errors import NotFoundError
from provisioning.api.following.reading import head_of
from provisioning.api.following.rows import RequestHead
from provisioning.domain.identity import Action, Caller
from provisioning.identity import rights
from provisioning.identity.denials import note_denial
from provisioning.models import PULL_REQUEST, ProvisionRequest
from provisioning.requests import services

# What is no id is answered without asking the database.
REQUEST_ID = re.compile(r"req-[0-9a-f]{12}")


def visible_head(caller: Caller, request_id: str) -> RequestHead:
    """Raises `NotFoundError` for an unknown id and for somebody else's alike."""
    head = head_of(request_id) if REQUEST_ID.fullmatch(request_id) else None
    if head is None:
        raise not_found(request_id)
    if not rights.may(caller, Action.SEE, head.target):
        note_denial(Action.SEE, "request", request_id)
        raise not_found(request_id)
    return head


def visible_row(caller: Caller, request_id: str) -> ProvisionRequest:
    """The same, as the services take it."""
    known = REQUEST_ID.fullmatch(request_id)
    row = services.find_visible(caller, request_id, *PULL_REQUEST) if known else None
    if row is None:
        raise not_found(request_id)
    return row


def not_found(request_id: str) -> NotFoundError:
    return NotFoundError(f"Request {request_id} not found")


def base_of(request: HttpRequest) -> str:
    """What the addresses of pages begin with: PUBLIC_URL, or where the call came in."""
    public = wiring.portal().public_url
    return public or f"{request.scheme}://{request.get_host()}"

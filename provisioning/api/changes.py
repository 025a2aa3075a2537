"""What a caller can do with a request: the same services as the pages' buttons, with the same rights."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from ninja import Router

from provisioning.api.answers import NOT_FOUND, OF_STATES, REFUSALS
from provisioning.api.auth import Session, Token, demo, require
from provisioning.api.found import visible_head, visible_row
from provisioning.api.limits import enter
from provisioning.api.request_status import status_answer
from provisioning.api.schemas.status import StatusOut
from provisioning.domain.identity import Action
from provisioning.identity.limits import Kind
from provisioning.models import ProvisionRequest
from provisioning.requests import services

router = Router(auth=[Token(), Session(), demo])


@router.post(
    "/requests/{request_id}/cancel",
    response={200: StatusOut, **REFUSALS, **NOT_FOUND, **OF_STATES},
    tags=["provision"],
    operation_id="cancel_request",
    summary="Stop a request",
)
def cancel_request(request: HttpRequest, request_id: str) -> HttpResponse:
    """At once while it is queued, otherwise before its next stage begins: poll until it is `failed` with `cancelled`. 409 once
    its pull request is begun."""
    return _changed(request, request_id, Action.CANCEL, services.cancel)


@router.post(
    "/requests/{request_id}/retry",
    response={200: StatusOut, **REFUSALS, **NOT_FOUND, **OF_STATES},
    tags=["provision"],
    operation_id="retry_request",
    summary="Try a failed request again",
)
def retry_request(request: HttpRequest, request_id: str) -> HttpResponse:
    """The same request goes on from where it stopped. 409 unless it is `failed`."""
    return _changed(request, request_id, Action.RETRY, services.retry)


def _changed(
    request: HttpRequest,
    request_id: str,
    action: Action,
    change: Callable[[ProvisionRequest, str], object],
) -> HttpResponse:
    caller = enter(request, action, Kind.PROVISION)
    row = visible_row(caller, request_id)
    require(caller, action, services.target_of(row))
    change(row, caller.name)
    return status_answer(request, visible_head(caller, request_id))

"""`GET /requests/{request_id}/status`: what clients poll."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from provisioning.api.answers import NOT_FOUND, NOT_MODIFIED, REFUSALS
from provisioning.api.auth import Session, Token, demo
from provisioning.api.following.making import bodies_for, not_kept
from provisioning.api.following.reading import wholes
from provisioning.api.following.rows import RequestHead
from provisioning.api.following.tags import is_known, tag_of, tag_of_content
from provisioning.api.found import base_of, not_found, visible_head
from provisioning.api.limits import enter
from provisioning.api.schemas.status import StatusOut
from provisioning.domain.identity import Action
from provisioning.identity.limits import Kind

router = Router(auth=[Token(), Session(), demo])
# Whoever keeps an answer asks whether it still holds before using it again: the tag makes that cheap.
ASK_AGAIN = "private, no-cache"
VARY = "Authorization, Cookie"


@router.get(
    "/requests/{request_id}/status",
    response={200: StatusOut, **NOT_MODIFIED, **REFUSALS, **NOT_FOUND},
    tags=["status"],
    operation_id="request_status",
    summary="Status of a request",
)
def request_status(request: HttpRequest, request_id: str) -> HttpResponse:
    """Poll it until `completed` or `failed`, `retry_after` seconds apart. With the `ETag` of the last answer as
    `If-None-Match`, an answer that would be the same is a 304 without a body."""
    caller = enter(request, Action.SEE, Kind.READ)
    head = visible_head(caller, request_id)
    return status_answer(request, head)


def status_answer(request: HttpRequest, head: RequestHead) -> HttpResponse:
    base, sent = base_of(request), request.headers.get("If-None-Match", "")
    tag = tag_of(head, base)
    if tag and is_known(tag, sent):
        return not_modified(tag)
    found = bodies_for([head], wholes(not_kept([head], base)), base, with_waiting=True)
    if not found:
        raise not_found(head.request_id)
    return tagged(found[0], tag or tag_of_content(found[0]), sent)


def tagged(body: bytes, tag: str, if_none_match: str) -> HttpResponse:
    """The answer with its tag, or 304 for a caller who has it."""
    if is_known(tag, if_none_match):
        return not_modified(tag)
    return _with_tag(HttpResponse(body, content_type="application/json"), tag)


def not_modified(tag: str) -> HttpResponse:
    return _with_tag(HttpResponse(status=304), tag)


def _with_tag(answer: HttpResponse, tag: str) -> HttpResponse:
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = ASK_AGAIN
    # A cache on the way must not give one caller's answer to another one.
    answer.headers["Vary"] = VARY
    return answer

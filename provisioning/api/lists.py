"""`GET /requests`: newest first, page by page."""

import json

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from provisioning.api.answers import NOT_MODIFIED, REFUSALS
from provisioning.api.auth import Session, Token, demo
from provisioning.api.filters import Filters, beyond, cursor_after, filtered
from provisioning.api.following.making import bodies_for, not_kept
from provisioning.api.following.reading import heads_among, wholes
from provisioning.api.following.tags import tag_of_content
from provisioning.api.found import base_of
from provisioning.api.limits import enter
from provisioning.api.request_status import tagged
from provisioning.api.schemas.status import RequestList
from provisioning.domain.identity import Action
from provisioning.identity.limits import Kind
from provisioning.requests import services

router = Router(auth=[Token(), Session(), demo])
FROM_QUERY = Query(...)  # type: ignore[type-arg]


@router.get(
    "/requests",
    response={200: RequestList, **NOT_MODIFIED, **REFUSALS},
    tags=["status"],
    operation_id="list_requests",
    summary="Requests, newest first",
)
def list_requests(request: HttpRequest, wanted: Filters = FROM_QUERY) -> HttpResponse:
    """What the caller may see, narrowed by the filters. `next_cursor` leads to the next page; requests that arrive meanwhile
    neither shift nor repeat what it shows."""
    caller = enter(request, Action.SEE, Kind.READ, tuple(Filters.model_fields))
    chosen = beyond(filtered(services.visible_to(caller), wanted), wanted)
    # One more than is shown tells whether there is more, without counting.
    found = heads_among(chosen[: wanted.limit + 1])
    heads, base = found[: wanted.limit], base_of(request)
    bodies = bodies_for(heads, wholes(not_kept(heads, base)), base)
    after = cursor_after(heads[-1], wanted) if len(found) > wanted.limit else None
    whole = list_body(bodies, wanted.user, after)
    return tagged(whole, tag_of_content(whole), request.headers.get("If-None-Match", ""))


def list_body(bodies: list[bytes], user: str | None, after: str | None) -> bytes:
    """Around bodies that are JSON already."""
    rest = {"count": len(bodies), "user": user, "next_cursor": after}
    tail = json.dumps(rest, ensure_ascii=False, separators=(",", ":")).encode()
    return b'{"requests":[%b],%b' % (b",".join(bodies), tail[1:])

"""What a call of the lane is answered with: the same heads, bodies and tags as the site's own."""

from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection

from provisioning.api.filters import Filters, cursor_after
from provisioning.api.following.making import bodies_for, not_kept
from provisioning.api.following.rows import (
    HEAD,
    WHOLE,
    RequestHead,
    Whole,
    as_heads,
    as_wholes,
    heads_of,
)
from provisioning.api.following.tags import is_known, tag_of, tag_of_content
from provisioning.api.lane.calls import Call
from provisioning.api.lists import list_body
from provisioning.domain.identity import Action, Caller
from provisioning.identity import rights

NEWEST = "SELECT id FROM provisioning_provisionrequest {where} ORDER BY created_at DESC, id DESC LIMIT %s"
OF_ALL = heads_of(NEWEST.format(where=""))
OF_ONE = heads_of(NEWEST.format(where="WHERE lower(requester) = lower(%s)"))
Session = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class LaneAnswer:
    """Without a body: 304."""

    tag: str
    body: bytes | None


async def answer(session: Session, call: Call, caller: Caller) -> LaneAnswer | None:
    """None for what the site has to say: that there is no such request, or who may see it."""
    if not rights.may(caller, Action.SEE):
        return None
    if call.request_id:
        return await _status(session, call, caller)
    return await _list(session, call) if rights.sees_everything(caller) else None


async def _status(session: Session, call: Call, caller: Caller) -> LaneAnswer | None:
    heads = as_heads(await _rows(session, HEAD, [call.request_id]))
    if not heads or not rights.may(caller, Action.SEE, heads[0].target):
        return None
    tag = tag_of(heads[0], call.base)
    # A poll that finds nothing new ends here, before anything of the body is read.
    if tag and is_known(tag, call.if_none_match):
        return LaneAnswer(tag, None)
    rows = await _wholes(session, heads, call.base)
    bodies = bodies_for(heads, rows, call.base, with_waiting=True)
    return _tagged(call, bodies[0], tag) if bodies else None


async def _list(session: Session, call: Call) -> LaneAnswer:
    # Tells of a next page without counting.
    one_more = call.limit + 1
    if call.user is None:
        found = as_heads(await _rows(session, OF_ALL, [one_more]))
    else:
        found = as_heads(await _rows(session, OF_ONE, [call.user, one_more]))
    heads = found[: call.limit]
    bodies = bodies_for(heads, await _wholes(session, heads, call.base), call.base)
    wanted = Filters.model_validate({"user": call.user})
    after = cursor_after(heads[-1], wanted) if len(found) > call.limit else None
    return _tagged(call, list_body(bodies, call.user, after))


def _tagged(call: Call, body: bytes, tag: str | None = None) -> LaneAnswer:
    tag = tag or tag_of_content(body)
    return LaneAnswer(tag, None if is_known(tag, call.if_none_match) else body)


async def _wholes(session: Session, heads: list[RequestHead], base: str) -> list[Whole]:
    missing = not_kept(heads, base)
    return as_wholes(await _rows(session, WHOLE, [missing])) if missing else []


async def _rows(session: Session, statement: str, values: list[Any]) -> list[Any]:
    return await (await session.execute(statement, values)).fetchall()

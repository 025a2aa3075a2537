"""Puts the lane in front of the site."""

import logging
from typing import Any, cast

from a2wsgi.asgi_typing import ASGIApp, HTTPScope, Receive, Scope, Send
from psycopg import Error
from psycopg_pool import PoolClosed, PoolTimeout

from provisioning.api.call_ids import new_call_id
from provisioning.api.lane.answering import LaneAnswer, answer
from provisioning.api.lane.callers import Known, known
from provisioning.api.lane.calls import Call, call_of
from provisioning.api.lane.sessions import Sessions
from provisioning.api.limits import COUNTED, limit_headers
from provisioning.api.request_status import ASK_AGAIN, VARY

logger = logging.getLogger(__name__)
AWAY = (Error, PoolTimeout, PoolClosed, OSError)


class PollLane:
    """An ASGI middleware. `every` are the headers that each answer of the site has. Measured against the same answers by
    way of threads, middlewares and ORM (`python -m bench.peer_ratio`): several times the calls per second."""

    def __init__(self, app: ASGIApp, every: list[tuple[bytes, bytes]]) -> None:
        self.app, self.every, self.sessions = app, every, Sessions()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = call_of(scope) if scope["type"] == "http" else None
        if call is None:
            return await self.app(scope, receive, send)
        who, found = await self._answered(call)
        if who is None or found is None:
            return await self.app(_counted(cast("HTTPScope", scope), who), receive, send)
        return await self._send(send, call, who, found)

    async def _answered(self, call: Call) -> tuple[Known | None, LaneAnswer | None]:
        """Without Postgres the site answers, in its own words."""
        who = None
        try:
            pool = await self.sessions.pool()
            async with pool.connection() as session:
                who = await known(session, call.token)
                # A refusal for the limit is the site's to word.
                if who is None or (who.allowance and who.allowance.is_exceeded):
                    return who, None
                return who, await answer(session, call, who.caller)
        except AWAY as error:
            logger.warning("The lane leaves a call to the site: %s", str(error).partition("\n")[0])
            return who, None

    async def _send(self, send: Send, call: Call, who: Known, found: LaneAnswer) -> None:
        body = found.body or b""
        own = {
            "etag": found.tag,
            "cache-control": ASK_AGAIN,
            "vary": f"{VARY}, origin",
            "x-request-id": new_call_id(call.call_id),
            **limit_headers(who.allowance),
        }
        if found.body is not None:
            own |= {"content-type": "application/json", "content-length": str(len(body))}
        headers = [(name.lower().encode(), value.encode()) for name, value in own.items()]
        status = 304 if found.body is None else 200
        start: Any = {
            "type": "http.response.start",
            "status": status,
            "headers": headers + self.every,
        }
        await send(start)
        await send({"type": "http.response.body", "body": body, "more_body": False})


def _counted(scope: HTTPScope, who: Known | None) -> HTTPScope:
    """The site does not count a call again that was counted here."""
    if who is None:
        return scope
    return cast("HTTPScope", {**scope, COUNTED: who.allowance})

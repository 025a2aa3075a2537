"""Keeps expensive calls from taking every thread: so many of them run at once, the others wait for a while without one."""

import asyncio
from typing import cast

from a2wsgi.asgi_typing import ASGIApp, HTTPScope, Receive, Scope, Send

from infrallm_portal.request_buffering import REFUSAL

TOO_MANY = 429


class Bulkhead:
    """An ASGI middleware. `calls` are (method, path); one that does not get its turn in `wait_seconds` is passed on as refused,
    which costs the site nothing but the words."""

    def __init__(
        self, app: ASGIApp, calls: frozenset[tuple[str, str]], *, at_once: int, wait_seconds: float
    ) -> None:
        self.app, self.calls, self.wait_seconds = app, calls, wait_seconds
        self.turns = asyncio.Semaphore(at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._is_expensive(scope):
            return await self.app(scope, receive, send)
        try:
            async with asyncio.timeout(self.wait_seconds):
                await self.turns.acquire()
        except TimeoutError:
            refused = cast("HTTPScope", {**scope, REFUSAL: TOO_MANY})
            return await self.app(refused, receive, send)
        try:
            return await self.app(scope, receive, send)
        finally:
            self.turns.release()

    def _is_expensive(self, scope: HTTPScope) -> bool:
        """What is refused already costs nothing."""
        refused = scope.get(REFUSAL, 0)
        return not refused and (scope["method"], scope["path"]) in self.calls

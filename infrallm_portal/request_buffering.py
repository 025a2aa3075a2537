"""Reads each body before a thread is taken for its request, so that a slow sender holds no thread.

An ASGI middleware. What it refuses, it passes on with an empty body and the reason in the scope, so that the site answers in
its own words.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote

from a2wsgi.asgi_typing import ASGIApp, HTTPRequestEvent, HTTPScope, Receive, Scope, Send

REFUSAL = "portal.refusal"  # in the scope: the HTTP status that the site has to answer with
TOO_SLOW, TOO_LARGE = 408, 413


class RequestBuffering:
    """Bodies of more than `largest` bytes, or that take longer than `seconds`, are refused."""

    def __init__(self, app: ASGIApp, *, largest: int, seconds: float) -> None:
        self.app, self.largest, self.seconds = app, largest, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        body, refusal = await self._read(scope, receive)
        if body is None:
            return None  # the sender is gone
        whole = cast("HTTPScope", {**scope, **_described(scope, body), REFUSAL: refusal})
        return await self.app(whole, _replay(body, receive), send)

    async def _read(self, scope: HTTPScope, receive: Receive) -> tuple[bytes | None, int]:
        """The body, None without a sender; and the refusal, 0 for none."""
        if _announced(scope) > self.largest:
            return b"", TOO_LARGE
        body = bytearray()
        try:
            async with asyncio.timeout(self.seconds):
                while await _append(body, receive):
                    if len(body) > self.largest:
                        return b"", TOO_LARGE
        except TimeoutError:
            return b"", TOO_SLOW
        except ConnectionResetError:
            return None, 0
        return (bytes(body), 0) if len(body) <= self.largest else (b"", TOO_LARGE)


async def _append(body: bytearray, receive: Receive) -> bool:
    """Whether there is more. Raises `ConnectionResetError` when the sender has gone."""
    message: Mapping[str, Any] = await receive()
    if message["type"] != "http.request":
        raise ConnectionResetError
    body += message.get("body", b"")
    return bool(message.get("more_body"))


def _announced(scope: HTTPScope) -> int:
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


def _described(scope: HTTPScope, body: bytes) -> dict[str, Any]:
    """The length of what was read also for a sender who announced none (chunks), and a query that is ASCII, as WSGI wants
    it: servers let raw UTF-8 through."""
    unread = (b"content-length", b"transfer-encoding")
    headers = [(name, value) for name, value in scope["headers"] if name not in unread]
    headers.append((b"content-length", str(len(body)).encode()))
    query = quote(scope["query_string"], safe="/?:@!$&'()*+,;=-._~%[]{}|^`\\\"<>").encode()
    return {"headers": headers, "query_string": query}


def _replay(body: bytes, receive: Receive) -> Receive:
    messages = [HTTPRequestEvent(type="http.request", body=body, more_body=False)]

    async def replay() -> Any:
        return messages.pop() if messages else await receive()

    return replay

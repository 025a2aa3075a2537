"""What stands before the site's threads: bodies are read whole and in time, and dry runs wait without a thread."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, cast

import pytest
from a2wsgi.asgi_typing import HTTPScope, Receive, Scope, Send

from infrallm_portal.bulkhead import TOO_MANY, Bulkhead
from infrallm_portal.request_buffering import REFUSAL, TOO_LARGE, TOO_SLOW, RequestBuffering

Seen = dict[str, Any]
LARGEST = 100


class Site:
    """Remembers what reaches it."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = cast("Mapping[str, Any]", await receive())
        http = cast("Mapping[str, Any]", scope)
        self.seen.append({**http, "body": message["body"], "headers": dict(http["headers"])})


def scope(path: str = "/preview", query: bytes = b"", **headers: str) -> HTTPScope:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return cast(
        "HTTPScope",
        {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": query,
            "headers": named,
        },
    )


def chunks(*parts: bytes, then: str = "http.request", forever: bool = False) -> Receive:
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages.append({"type": then, "body": b"", "more_body": False})

    async def receive() -> Any:
        if forever and len(messages) == 1:
            await asyncio.Event().wait()
        return messages.pop(0)

    return receive


async def send(_: object) -> None:
    raise AssertionError("the site answers, nobody before it")


def passed(
    receive: Receive, seconds: float = 60.0, query: bytes = b"", **headers: str
) -> list[Seen]:
    site = Site()
    entrance = RequestBuffering(site, largest=LARGEST, seconds=seconds)
    asyncio.run(entrance(scope(query=query, **headers), receive, send))
    return site.seen


def test_a_body_in_pieces_reaches_the_site_in_one_with_its_length() -> None:
    [seen] = passed(chunks(b"one", b"", b"two"), transfer_encoding="chunked")
    assert seen["body"] == b"onetwo"
    assert seen[REFUSAL] == 0
    assert seen["headers"] == {b"content-length": b"6"}


def test_a_body_that_never_ends_is_refused_in_time() -> None:
    [seen] = passed(chunks(b"begun", forever=True), seconds=0.01)
    assert (seen[REFUSAL], seen["body"]) == (TOO_SLOW, b"")


@pytest.mark.parametrize(
    ("receive", "announced"),
    [
        (chunks(b"x" * 101), ""),
        (chunks(*[b"x" * 30] * 4), "5"),
        (chunks(forever=True), "101"),  # refused before anything is read
    ],
)
def test_a_body_that_is_too_large_is_refused(receive: Receive, announced: str) -> None:
    [seen] = passed(receive, content_length=announced)
    assert (seen[REFUSAL], seen["body"]) == (TOO_LARGE, b"")


def test_the_largest_body_is_taken() -> None:
    [seen] = passed(chunks(b"x" * LARGEST), content_length="100")
    assert (seen[REFUSAL], len(seen["body"])) == (0, LARGEST)


def test_nothing_is_done_for_a_sender_who_left() -> None:
    assert passed(chunks(b"half", then="http.disconnect")) == []


def test_a_query_of_raw_utf8_is_spelled_in_ascii_and_nothing_else_is_changed() -> None:
    [seen] = passed(chunks(), query="q=é&a=%C3%A9+b&c=[1]".encode())
    assert seen["query_string"] == b"q=%C3%A9&a=%C3%A9+b&c=[1]"


class SlowSite:
    """Works on each call until it is told to go on."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.working: list[str] = []
        self.refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        http = cast("Mapping[str, Any]", scope)
        if http.get(REFUSAL):
            self.refused += 1
            assert http[REFUSAL] == TOO_MANY
            return
        self.working.append(http["path"])
        await self.go_on.wait()


def with_calls(
    paths: Iterable[str], wait_seconds: float, look: Callable[[SlowSite], Awaitable[None]]
) -> SlowSite:
    async def run() -> SlowSite:
        site = SlowSite()
        calls = frozenset({("POST", "/preview")})
        entrance = Bulkhead(site, calls, at_once=2, wait_seconds=wait_seconds)
        async with asyncio.TaskGroup() as group:
            for path in paths:
                group.create_task(entrance(scope(path), chunks(), send))
            await look(site)
            site.go_on.set()
        return site

    return asyncio.run(run())


async def _turn() -> None:
    """Every task that can go on has gone on."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_as_many_dry_runs_as_allowed_run_at_once_and_polls_pass_them() -> None:
    async def look(site: SlowSite) -> None:
        await _turn()
        assert site.working == ["/preview", "/preview", "/poll", "/poll"]

    site = with_calls(["/preview"] * 5 + ["/poll"] * 2, 60.0, look)
    assert site.working.count("/preview") == 5
    assert site.refused == 0


def test_a_dry_run_that_waited_long_enough_is_refused_and_its_place_is_free_again() -> None:
    async def look(site: SlowSite) -> None:
        while site.refused < 3:
            await asyncio.sleep(0.001)

    site = with_calls(["/preview"] * 5, 0.01, look)
    assert (site.working, site.refused) == (["/preview"] * 2, 3)

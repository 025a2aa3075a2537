"""The lane answers as the site does, and leaves to the site whatever is not plain."""

import asyncio
from typing import Any, cast

import pytest
from a2wsgi.asgi_typing import HTTPScope, Receive, Scope, Send
from django.test import Client
from pydantic import SecretStr

from provisioning.api.lane.calls import call_of
from provisioning.api.lane.headers import of_every_answer
from provisioning.api.lane.lane import PollLane
from provisioning.api.limits import COUNTED
from provisioning.domain.identity import Scope as TokenScope
from provisioning.identity import tokens
from provisioning.models import ApiToken, ProvisionRequest, RateWindow, Team
from provisioning.requests import tasks
from tests.support.people import make_user

# The lane has sessions of its own, which see only what is committed.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("portal")]
OPERATORS = "the operator's own token, 32 characters"
READ = frozenset({TokenScope.READ})


class Answered:
    """What a call got: from the lane a status, headers and a body, or the scope with which it went on to the site."""

    def __init__(self) -> None:
        self.passed: dict[str, Any] | None = None
        self.messages: list[Any] = []

    async def site(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.passed = dict(scope)

    async def send(self, message: Any) -> None:
        self.messages.append(message)

    @property
    def headers(self) -> dict[str, str]:
        found = self.messages[0]["headers"]
        return {name.decode(): value.decode() for name, value in found}


def scope_of(path: str, token: str, method: str = "GET", **headers: str) -> HTTPScope:
    address, _, query = path.partition("?")
    named = {"host": "localhost", "authorization": f"Bearer {token}", **headers}
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()]
    scope = {"type": "http", "method": method, "path": address, "scheme": "http", "headers": sent}
    return cast("HTTPScope", {**scope, "query_string": query.encode()})


def call(path: str, token: str, **headers: str) -> Answered:
    answered = Answered()

    async def serve() -> None:
        lane = PollLane(answered.site, of_every_answer())
        try:
            await lane(scope_of(path, token, **headers), cast("Receive", None), answered.send)
        finally:
            await (await lane.sessions.pool()).close()

    asyncio.run(serve())
    return answered


def by_site(path: str, token: str, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client = Client(SERVER_NAME="localhost")
    return client.get(path, headers={"Authorization": f"Bearer {token}", **named})


def issued(holder: tokens.Holder | None = None, **fields: Any) -> str:
    _, text = tokens.issue("backstage", READ, holder or tokens.Holder(), "ana")
    ApiToken.objects.update(**fields)
    return text


@pytest.fixture
def stored(portal: Any) -> list[str]:
    """Of each kind one: finished, failed, running and queued; outside of the demo."""
    portal(demo=False, api_token=SecretStr(OPERATORS))
    rows = [
        ProvisionRequest.objects.create(
            text="staging bucket for logs", requester="Ana", team="payments"
        )
        for _ in range(4)
    ]
    for row in rows:
        row.record("ana", "Request received")
    tasks.run_request(rows[0].request_id)
    ProvisionRequest.objects.filter(pk=rows[1].pk).update(status="failed", error_code="cancelled")
    ProvisionRequest.objects.filter(pk=rows[2].pk).update(status="parsing")
    return [row.request_id for row in rows]


def comparable(headers: Any) -> dict[str, str]:
    """Without what differs from call to call; the order of names in Vary means nothing."""
    found = {name.lower(): value for name, value in dict(headers).items()}
    varies = sorted(found["vary"].lower().split(", "))
    return found | {"vary": ", ".join(varies), "x-request-id": "", "ratelimit": ""}


def same(path: str, token: str) -> None:
    ours, theirs = call(path, token), by_site(path, token)
    assert ours.passed is None
    assert ours.messages[0]["status"] == theirs.status_code == 200
    assert ours.messages[1]["body"] == theirs.content
    assert comparable(ours.headers) == comparable(theirs.items())
    known = call(path, token, if_none_match=ours.headers["etag"])
    assert (known.messages[0]["status"], known.messages[1]["body"]) == (304, b"")


def test_the_lane_answers_byte_for_byte_as_the_site(stored: list[str]) -> None:
    lists = [
        "/api/v1/requests",
        "/api/v1/requests?user=ana&limit=2",
        "/api/v1/requests?user=nobody",
    ]
    for token in (OPERATORS, issued()):
        for path in [*(f"/api/v1/requests/{one}/status" for one in stored), *lists]:
            same(path, token)


def test_a_call_is_counted_once_wherever_it_is_answered(stored: list[str], portal: Any) -> None:
    portal(demo=False, reads_per_minute=3)
    token = issued()
    first = call(f"/api/v1/requests/{stored[0]}/status", token)
    assert first.headers["ratelimit"].startswith('"read";r=2;')
    missing = call("/api/v1/requests/req-000000000000/status", token)
    assert missing.passed is not None
    assert missing.passed[COUNTED].remaining == 1
    assert call(f"/api/v1/requests/{stored[0]}/status", token).passed is None
    last = call(f"/api/v1/requests/{stored[0]}/status", token)
    assert last.passed is not None
    assert last.passed[COUNTED].is_exceeded
    assert RateWindow.objects.get().count == 4


@pytest.mark.parametrize(
    "fields",
    [
        {"revoked_at": "2020-01-01T00:00:00Z"},
        {"expires_at": "2020-01-01T00:00:00Z"},
        {"scopes": ["request"]},
    ],
)
def test_a_token_that_is_not_good_gets_nothing_from_the_lane(
    stored: list[str], fields: dict[str, Any]
) -> None:
    token = issued(**fields)
    path = f"/api/v1/requests/{stored[0]}/status"
    assert call(path, token).passed is not None
    assert by_site(path, token).status_code in {401, 403}
    assert call(path, "infp_made_up").passed is not None


def test_a_services_team_bounds_what_it_sees(stored: list[str]) -> None:
    path = f"/api/v1/requests/{stored[0]}/status"
    for name, status in (("payments", 200), ("other", 404)):
        token = issued(tokens.Holder(team=Team.objects.create(name=name)))
        assert (call(path, token).passed is None) == (status == 200)
        assert by_site(path, token).status_code == status
        assert call("/api/v1/requests", token).passed is not None
        ApiToken.objects.all().delete()


def test_a_persons_token_is_the_sites(stored: list[str]) -> None:
    token = issued(tokens.Holder(person=make_user("ana", "payments").person))
    assert call(f"/api/v1/requests/{stored[0]}/status", token).passed is not None


def test_the_use_of_a_token_is_noted(stored: list[str]) -> None:
    token = issued()
    call(f"/api/v1/requests/{stored[0]}/status", token)
    assert ApiToken.objects.get().last_used_at is not None


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/api/v1/requests/req-a1b2c3d4e5f6/status?x=1", {}),
        ("/api/v1/requests/req-A1b2c3d4e5f6/status", {}),
        ("/api/v1/requests/req-a1b2c3d4e5f6/events", {}),
        ("/api/v1/requests?user=a&user=b", {}),
        ("/api/v1/requests?limit=0", {}),
        ("/api/v1/requests?limit=101", {}),
        ("/api/v1/requests?limit=%32", {"authorization": "Basic YTpi"}),
        ("/api/v1/requests?user=a%00b", {}),
        ("/api/v1/requests?user=%C3%A9", {}),
        ("/api/v1/requests?user=", {}),
        ("/api/v1/requests?status=failed", {}),
        ("/api/v1/requests", {"host": "evil.example"}),
        ("/api/v1/requests", {"x_forwarded_proto": "https"}),
        ("/api/v1/requests", {"host": ""}),
        ("/api/v1/requests", {"authorization": "Bearer"}),
        ("/api/v1/requests", {"content_length": "5"}),
        ("/api/v1/requests", {"origin": "https://backstage.example.com"}),
        ("/api/v1/requests", {"method": "HEAD"}),
        ("/api/v1/requests", {"method": "POST"}),
        ("/api/v1/provision", {}),
    ],
)
def test_what_is_not_plain_is_the_sites(path: str, change: dict[str, str]) -> None:
    assert call_of(scope_of(path, "token", **change)) is None


def test_a_header_that_comes_twice_is_the_sites() -> None:
    scope = scope_of("/api/v1/requests", "token")
    assert call_of(scope) is not None
    twice = [*scope["headers"], (b"authorization", b"Bearer other")]
    assert call_of(cast("HTTPScope", {**scope, "headers": twice})) is None


def test_without_postgres_the_site_answers(
    stored: list[str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "HOST", "/nonexistent")
    assert call(f"/api/v1/requests/{stored[0]}/status", OPERATORS).passed is not None

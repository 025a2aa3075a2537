"""Lists: page by page, narrowed by filters that are known, of what the caller may see."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from provisioning.models import ProvisionRequest
from provisioning.requests import tasks
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal")]


def listed(client: Client, **query: str) -> dict[str, Any]:
    answer = client.get("/api/v1/requests", query)
    found: dict[str, Any] = answer.json()
    assert answer.status_code == 200, found
    return found


def refused(client: Client, **query: str) -> tuple[str, str]:
    answer = client.get("/api/v1/requests", query)
    found = answer.json()
    assert answer.status_code == 422, found
    return found["error_code"], found["fields"][0]["field"]


def store(number: int, **fields: Any) -> list[str]:
    rows = [
        ProvisionRequest.objects.create(text="t", requester="ana", **fields) for _ in range(number)
    ]
    return [row.request_id for row in rows][::-1]


def ids(found: dict[str, Any]) -> list[str]:
    return [row["request_id"] for row in found["requests"]]


def pages(client: Client, **query: str) -> Iterator[list[str]]:
    cursor: dict[str, str] = {}
    while True:
        found = listed(client, **query, **cursor)
        yield ids(found)
        if found["next_cursor"] is None:
            return
        cursor = {"cursor": found["next_cursor"]}


def test_pages_hold_each_request_once_however_many_come_meanwhile(client: Client) -> None:
    # The same moment for some: the id decides then.
    moment = timezone.now()
    expected = store(4, created_at=moment) + store(3, created_at=moment - timedelta(days=1))
    seen: list[list[str]] = []
    for page in pages(client, user="ana", limit="2"):
        seen.append(page)
        store(1)

    assert [one for page in seen for one in page] == expected
    assert [len(page) for page in seen] == [2, 2, 2, 1]


def test_without_a_user_the_list_is_of_all_that_the_caller_may_see(
    client: Client, portal: Callable[..., None]
) -> None:
    mine, other = store(1, team="payments"), store(1, team="other")
    assert set(ids(listed(client))) == {*mine, *other}
    assert listed(client)["user"] is None
    portal(demo=False)
    client.force_login(make_user("bob", "payments"))
    assert ids(listed(client)) == mine


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ({"status": "failed"}, {"status": "failed"}),
        ({"team": "PAYMENTS"}, {"team": "payments"}),
        ({"service": "payments-api"}, {"service": "payments-api"}),
        ({"environment": "Production"}, {"environment": "prod"}),
        ({"error_code": "cancelled"}, {"error_code": "cancelled"}),
        ({"since": "2025-01-01T00:00:00Z"}, {}),
        ({"since": "1170-11-14T01:25:44+18:24", "until": "9999-12-31T00:00:00Z"}, {"team": "x"}),
        ({"since": "2025-01-01T00:00:00+02:00", "until": "2999-01-01T00:00:00Z"}, {}),
    ],
)
def test_a_filter_narrows_the_list(
    client: Client, query: dict[str, str], fits: dict[str, str]
) -> None:
    [chosen] = store(1, **fits)
    store(1, created_at=timezone.now().replace(year=1100))
    assert ids(listed(client, **query)) == [chosen]


def test_what_was_understood_is_filtered_by_type_and_environment(client: Client) -> None:
    body = {"request": "staging bucket for logs", "requester": "ana@example.com"}
    made = client.post("/api/v1/provision", body, content_type="application/json").json()
    tasks.run_request(made["request_id"])
    store(1)

    for query in ({"type": "S3 bucket"}, {"type": "s3"}, {"environment": "staging"}):
        assert ids(listed(client, **query)) == [made["request_id"]], query
    assert ids(listed(client, type="rds")) == []


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"status": "done"}, "invalid_input", "status"),
        ({"environment": "banana"}, "invalid_input", "environment"),
        ({"type": "banana"}, "invalid_input", "type"),
        ({"error_code": "banana"}, "invalid_input", "error_code"),
        ({"since": "yesterday"}, "invalid_input", "since"),
        ({"since": "2025-01-01T00:00:00"}, "invalid_input", "since"),
        ({"until": "9999-12-31T23:59:59-23:00"}, "invalid_input", "until"),
        ({"since": "0001-01-01T00:00:00+23:00"}, "invalid_input", "since"),
        ({"team": ""}, "invalid_input", "team"),
        ({"user": "a\tb"}, "invalid_input", "user"),
        ({"service": "x" * 201}, "invalid_input", "service"),
        ({"cursor": "x"}, "bad_cursor", "cursor"),
        ({"cursor": ""}, "bad_cursor", "cursor"),
        ({"cursor": "x" * 1001}, "invalid_input", "cursor"),
        ({"usr": "ana"}, "unknown_parameter", "usr"),
    ],
)
def test_what_no_list_can_be_of_is_refused_by_name(
    client: Client, query: dict[str, str], code: str, field: str
) -> None:
    assert refused(client, **query) == (code, field)


def test_a_cursor_holds_for_its_own_filters_only(client: Client) -> None:
    store(3)
    cursor = str(listed(client, user="ana", limit="1")["next_cursor"])

    assert refused(client, user="bob", cursor=cursor)[0] == "bad_cursor"
    assert refused(client, user="ana", status="queued", cursor=cursor)[0] == "bad_cursor"
    assert refused(client, user="ana", cursor=cursor[:-1])[0] == "bad_cursor"
    assert refused(client, user="ana", cursor=signing.dumps([1], salt="another"))[0] == "bad_cursor"
    assert len(ids(listed(client, user="ana", limit="5", cursor=cursor))) == 2


def test_a_list_takes_two_statements_and_one_of_finished_requests_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store(20, status="failed", error_code="cancelled")
    with django_assert_num_queries(2):
        first = client.get("/api/v1/requests?user=ana")
    with django_assert_num_queries(1):
        assert client.get("/api/v1/requests?user=ana").content == first.content
    known = {"If-None-Match": first["ETag"]}
    assert client.get("/api/v1/requests?user=ana", headers=known).status_code == 304

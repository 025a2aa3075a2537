"""The list of requests: whose, filtered how, page by page."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from provisioning.models import ProvisionRequest, PullRequest
from provisioning.requests.queries import SIZE
from tests.web.reading import Person, is_whole_page, links

HTMX = {"HX-Request": "true", "HX-Target": "results"}


def listed(page: str) -> list[str]:
    return [
        link.removeprefix("/requests/") for link in links(page) if link.startswith("/requests/req-")
    ]


def linked(page: str, relation: str) -> list[str]:
    return [unescape(link) for link in re.findall(rf'href="([^"]+)"\s+rel="{relation}"', page)]


def row(user: User, text: str = "a bucket", **fields: object) -> ProvisionRequest:
    return ProvisionRequest.objects.create(text=text, requester=user.email, user=user, **fields)


def settled(resource_type: str, environment: str) -> dict[str, object]:
    return {"resources": [{"type": resource_type, "environment": {"value": environment}}]}


def test_the_first_visit_teaches(pages: Client) -> None:
    page = pages.get("/requests").text

    assert "You have not asked for anything yet" in page
    assert 'role="search"' not in page


def test_a_developer_sees_own_requests_and_the_teams_under_its_own_tab(
    pages: Client, ana: User, person: Person
) -> None:
    mine, teammates = row(ana), row(person("ben"), team="payments-team")
    row(person("eve"))

    assert listed(pages.get("/requests").text) == [mine.request_id]
    assert listed(pages.get("/requests", {"scope": "team:payments-team"}).text) == [
        teammates.request_id
    ]
    assert listed(pages.get("/requests", {"scope": "all"}).text) == [mine.request_id]
    assert listed(pages.get("/requests", {"scope": "team:other"}).text) == [mine.request_id]


def test_the_platform_team_sees_everyones(client: Client, ana: User, person: Person) -> None:
    kim = person("kim", staff=True)
    rows = [row(ana), row(kim)]
    client.force_login(kim)

    assert set(listed(client.get("/requests").text)) == {one.request_id for one in rows}
    assert listed(client.get("/requests", {"scope": "mine"}).text) == [rows[1].request_id]


@pytest.fixture
def various(ana: User) -> dict[str, str]:
    """One row of each kind, by a name for it."""
    rows = {
        "running": row(ana, "staging bucket", status="parsing", environment="staging"),
        "open": row(
            ana,
            "prod bucket for invoices",
            status="completed",
            requirements_json=settled("s3", "prod"),
        ),
        "merged": row(
            ana, "dev database", status="completed", requirements_json=settled("rds", "dev")
        ),
        "failed": row(ana, "Kafka", status="failed", error_code="out_of_scope", service="events"),
        "asked": row(ana, "database", status="failed", error_code="needs_clarification"),
        "cancelled": row(ana, "100 % wrong_one", status="failed", error_code="cancelled"),
    }
    for number, (name, state) in enumerate([("open", "open"), ("merged", "merged")], 41):
        PullRequest.objects.create(
            provision_request=rows[name], number=number, url=f"/pulls/{number}", state=state
        )
    return {one.request_id: name for name, one in rows.items()}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "running"}, {"running"}),
        ({"status": "open"}, {"open"}),
        ({"status": "merged"}, {"merged"}),
        ({"status": "failed"}, {"failed"}),
        ({"status": "answer"}, {"asked"}),
        ({"status": "cancelled"}, {"cancelled"}),
        ({"env": "prod"}, {"open"}),
        ({"env": "staging"}, {"running"}),
        ({"type": "rds"}, {"merged"}),
        ({"q": "INVOICES"}, {"open"}),
        ({"q": "events"}, {"failed"}),
        ({"q": "#42"}, {"merged"}),
        ({"q": "41"}, {"open"}),
        ({"q": "%"}, {"cancelled"}),
        ({"q": "_"}, {"cancelled"}),
        ({"q": "bucket", "env": "prod", "status": "open", "type": "s3"}, {"open"}),
        ({"status": "nonsense"}, {"running", "open", "merged", "failed", "asked", "cancelled"}),
        ({"q": "\x00"}, set()),
        ({"q": "9" * 200}, set()),
        ({"env": "'; --"}, set()),
    ],
)
def test_each_filter_finds_what_it_names(
    pages: Client, various: dict[str, str], query: dict[str, str], expected: set[str]
) -> None:
    assert {various[one] for one in listed(pages.get("/requests", query).text)} == expected


def test_a_request_is_found_by_its_id(pages: Client, various: dict[str, str]) -> None:
    wanted = next(iter(various))

    assert listed(pages.get("/requests", {"q": wanted}).text) == [wanted]


def test_a_filter_that_finds_nothing_offers_to_clear_it(
    pages: Client, various: dict[str, str]
) -> None:
    page = pages.get("/requests", {"q": "no such words"}).text

    assert "No request matches" in page
    assert "Clear filters" in page
    assert "You have not asked" not in page


def test_htmx_gets_the_results_alone_with_their_number_for_screen_readers(
    pages: Client, various: dict[str, str]
) -> None:
    part = pages.get("/requests", {"status": "open"}, headers=HTMX).text

    assert not is_whole_page(part)
    assert "1 request shown." in part
    assert 'id="scopes" hx-swap-oob="true"' in part


def test_pages_repeat_and_skip_nothing_while_new_requests_arrive(pages: Client, ana: User) -> None:
    at = timezone.now() - timedelta(days=1)
    same_moment = [row(ana, created_at=at) for _ in range(2 * SIZE + 3)]
    expected = [one.request_id for one in reversed(same_moment)]

    found: list[str] = []
    address: str | None = "/requests"
    while address:
        page = pages.get(address).text
        found += listed(page)
        row(ana, "a new one")
        address = next(("/requests" + link for link in linked(page, "next")), None)

    assert found == expected


def test_newer_leads_back_to_the_page_before(pages: Client, ana: User) -> None:
    for _ in range(SIZE + 5):
        row(ana)
    first = pages.get("/requests").text
    [older] = linked(first, "next")
    second = pages.get("/requests" + older).text
    [newer] = linked(second, "prev")

    assert len(listed(second)) == 5
    assert listed(pages.get("/requests" + newer).text) == listed(first)


@pytest.mark.parametrize("cursor", ["nonsense", "a:b:c", "WyJvbGRlciJd:1:x", "\x00", "é" * 50])
def test_a_broken_cursor_gives_the_first_page_with_a_note(
    pages: Client, ana: User, cursor: str
) -> None:
    one = row(ana)
    page = pages.get("/requests", {"cursor": cursor}).text

    assert listed(page) == [one.request_id]
    assert "so this is the first page" in page


def test_running_rows_are_refreshed_until_none_runs(
    pages: Client, ana: User, person: Person
) -> None:
    one, other = row(ana, status="parsing"), row(person("eve"), status="parsing")
    address = f"/requests/rows?ids={one.request_id},{other.request_id},nonsense&seen="
    assert f'hx-get="/requests/rows?ids={one.request_id}&amp;seen=1"' in pages.get("/requests").text
    assert pages.get(f"{address}1").status_code == 204

    ProvisionRequest.objects.filter(pk=one.pk).update(status="failed", version=2)
    part = pages.get(f"{address}1").text
    assert f'id="state-{one.request_id}" hx-swap-oob="true"' in part
    assert other.request_id not in part
    assert "hx-trigger" not in part


def test_the_list_takes_the_same_number_of_queries_for_many_rows(
    pages: Client, ana: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(SIZE):
        one = row(ana, status="completed", requirements_json=settled("s3", "dev"))
        PullRequest.objects.create(provision_request=one, number=number, url="/pulls/1")
    with django_assert_max_num_queries(8):
        pages.get("/requests")

"""The trail as auditors read it."""

import csv
import io
import json

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from provisioning.domain.identity import Role
from provisioning.models import TrailEvent
from provisioning.trail import reading, record
from provisioning.trail.record import TrailEntry
from provisioning.trail.seal import seal_committed
from provisioning.web.display.spreadsheet import FORMULA, cell
from tests.support.people import make_user
from tests.web.reading import links

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(portal: object) -> Client:
    client = Client()
    client.force_login(make_user("kim", roles=(Role.AUDITOR,)))
    return client


def recorded(count: int, action: str = "token.issued", **about: str) -> None:
    for number in range(count):
        record.record(TrailEntry(action, "token", f"infp_{number}"), **about)


@pytest.mark.parametrize("path", ["/audit", "/audit/export", "/audit/new", "/audit/1"])
def test_a_developer_is_refused_and_the_attempt_is_recorded(pages: Client, path: str) -> None:
    assert pages.get(path).status_code == 403
    assert TrailEvent.objects.latest("id").action == "access.denied"


def test_the_list_shows_who_did_what_and_has_no_control_that_changes(auditor: Client) -> None:
    recorded(1, actor="ana@example.com")
    seal_committed()
    page = auditor.get("/audit").content.decode()
    assert "ana@example.com" in page
    assert "token.issued" in page
    main = page[page.index('<main id="main"') : page.index("</main>")]
    assert 'method="post"' not in main


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("actor=ana", 2),
        ("action=token.revoked", 3),
        ("target=infp_1", 2),
        ("source=system", 6),
        ("address=192.0.2.1", 0),
        ("actor=ana&action=token.revoked", 0),
        ("from=2020-01-01", 6),
        ("to=2020-01-01", 0),
        ("from=nonsense&to=%00", 6),
    ],
)
def test_each_filter_shows_what_it_says(auditor: Client, query: str, count: int) -> None:
    recorded(2, actor="ana")
    recorded(3, "token.revoked", actor="bob")
    page = auditor.get(f"/audit?{query}").content.decode()
    assert (
        len([link for link in links(page) if link.startswith("/audit/")]) - 2 * bool(count) == count
    )


def test_pages_go_back_and_forth_without_losing_an_event(auditor: Client) -> None:
    recorded(reading.SIZE * 2)
    found = reading.filtered({"action": "token.issued"})
    first = reading.one_page(found)
    second = reading.one_page(found, before=first.older)
    assert (first.newer, second.older) == (0, 0)
    assert reading.one_page(found, after=second.newer).events == first.events
    numbers = [event.pk for event in (*first.events, *second.events)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == reading.SIZE * 2


@pytest.mark.parametrize("cursor", ["-1", "x", "9" * 30, "%00", "1.5", "²"])
def test_a_cursor_from_nowhere_gives_a_page(auditor: Client, cursor: str) -> None:
    assert auditor.get(f"/audit?before={cursor}").status_code == 200
    assert auditor.get(f"/audit?after={cursor}").status_code == 200


def test_new_events_are_offered_and_not_forced(auditor: Client) -> None:
    recorded(1)
    newest = TrailEvent.objects.latest("id").pk
    assert "new event" not in auditor.get(f"/audit/new?since={newest}").content.decode()
    recorded(2)
    assert "2 new events, show" in auditor.get(f"/audit/new?since={newest}").text


def test_one_event_shows_its_place_in_the_chain(auditor: Client) -> None:
    recorded(2)
    seal_committed()
    event = TrailEvent.objects.filter(action="token.issued").latest("id")
    page = auditor.get(f"/audit/{event.pk}").content.decode()
    assert event.seal.digest in page
    assert auditor.get("/audit/999999999").status_code == 404


def test_the_export_is_the_filter_row_for_row_and_an_event_itself(auditor: Client) -> None:
    recorded(3, actor="=HYPERLINK(1)")
    recorded(2, "token.revoked")
    answer = auditor.get("/audit/export?format=csv&action=token.issued")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [row["target"] for row in rows] == ["infp_0", "infp_1", "infp_2"]
    assert {row["actor"] for row in rows} == {"'=HYPERLINK(1)"}
    assert TrailEvent.objects.latest("id").action == "trail.exported"
    lines = auditor.get("/audit/export?format=jsonl&action=token.revoked").getvalue().decode()
    assert [json.loads(line)["action"] for line in lines.splitlines()] == ["token.revoked"] * 2
    assert auditor.get("/audit/export?format=xlsx").status_code == 404


@given(st.text() | st.sampled_from(FORMULA).flatmap(lambda sign: st.text().map(sign.__add__)))
def test_no_text_is_a_formula_to_a_spreadsheet(text: str) -> None:
    assert not cell(text).startswith(FORMULA)

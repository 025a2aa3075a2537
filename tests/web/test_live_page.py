"""A request's page lives on after its pull request was opened."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from provisioning.models import ProvisionRequest, PullRequest, RequestEvent, Status
from provisioning.web.display import timeline
from provisioning.web.display.detail import pace
from tests.web.reading import Sent, on_one_line

NOW = timezone.now()


@pytest.mark.parametrize(
    ("status", "state", "age", "seconds"),
    [
        ("parsing", "", timedelta(seconds=5), 2),
        ("queued", "", timedelta(hours=1), 15),
        ("completed", "open", timedelta(minutes=5), 5),
        ("completed", "open", timedelta(minutes=30), 15),
        ("completed", "open", timedelta(hours=5), 60),
        ("completed", "closed", timedelta(days=3), 300),
        ("completed", "merged", timedelta(seconds=5), 0),
        ("failed", "", timedelta(seconds=5), 0),
    ],
)
def test_polling_slows_down_with_age_and_ends_where_nothing_can_happen(
    status: str, state: str, age: timedelta, seconds: int
) -> None:
    assert pace(status, state, NOW - age, NOW) == seconds


def poll(pages: Client, row: ProvisionRequest, version: int) -> Any:
    address = f"/requests/{row.request_id}/live"
    return pages.get(address, {"v": str(version), "pace": "5", "was": "completed", "files": "1"})


def test_a_merge_appears_on_the_open_page_and_ends_the_polling(pages: Client, ended: Sent) -> None:
    row = ended()
    page = pages.get(f"/requests/{row.request_id}").text
    assert 'hx-trigger="every 5s"' in page
    assert poll(pages, row, row.version).status_code == 204

    PullRequest.objects.update(state="merged")
    row.note("Merged by Bea.", "bea")
    part = poll(pages, row, row.version - 1).text
    assert "Merged by Bea." in part
    assert "hx-trigger" not in part


def test_a_poll_that_finds_nothing_asks_once(pages: Client, ended: Sent) -> None:
    row = ended()
    poll(pages, row, row.version)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert poll(pages, row, row.version).status_code == 204

    tables = [one["sql"] for one in asked if "provisionrequest" in one["sql"]]
    assert len(tables) == 1
    assert "requirements_json" not in tables[0]


def test_what_came_after_the_pull_request_is_no_work_of_the_portal(
    pages: Client, ended: Sent
) -> None:
    row = ended()
    RequestEvent.objects.create(
        provision_request=row,
        version=row.version + 1,
        status=Status.COMPLETED,
        actor="bea",
        at=timezone.now() + timedelta(minutes=100),
    )
    events = list(row.events.all())

    later = timezone.now() + timedelta(days=2)
    assert timeline.took(events, later) < 60
    assert "100 min" not in on_one_line(pages.get(f"/requests/{row.request_id}").text)


def test_a_line_of_a_file_can_be_linked(pages: Client, ended: Sent) -> None:
    page = pages.get(f"/requests/{ended().request_id}", {"file": "main.tf"}).text

    assert 'id="main.tf-L3"><a href="#main.tf-L3"' in page

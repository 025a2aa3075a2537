"""A request's events and files, and what can be done with it: the pages' services with the pages' rights."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from provisioning.domain.identity import Role
from provisioning.models import ProvisionRequest
from provisioning.requests import tasks
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal")]
BODY = {"request": "staging bucket for logs", "requester": "ana@example.com"}


@pytest.fixture
def request_id(client: Client) -> str:
    answer = client.post("/api/v1/provision", BODY, content_type="application/json")
    return str(answer.json()["request_id"])


def get(client: Client, request_id: str, part: str, **query: str) -> Any:
    return client.get(f"/api/v1/requests/{request_id}/{part}", query)


def post(client: Client, request_id: str, change: str) -> tuple[int, dict[str, Any]]:
    answer = client.post(f"/api/v1/requests/{request_id}/{change}")
    return answer.status_code, answer.json()


def test_events_tell_the_history_and_go_on_from_a_version(client: Client, request_id: str) -> None:
    tasks.run_request(request_id)
    found = get(client, request_id, "events").json()

    assert [one["status"] for one in found["events"]] == [
        "queued", "parsing", "generating", "creating_pr", "completed"
    ]  # fmt: skip
    assert found["events"][0]["actor"] == "ana@example.com"
    assert found["count"] == 5
    later = get(client, request_id, "events", after=str(found["events"][2]["version"])).json()
    assert later["events"] == found["events"][3:]


@pytest.mark.parametrize("after", ["-1", "x", "9999999999", ""])
def test_a_version_that_no_event_can_have_is_refused(
    client: Client, request_id: str, after: str
) -> None:
    assert get(client, request_id, "events", after=after).status_code == 422


def test_files_are_those_of_the_pull_request_also_as_an_archive(
    client: Client, request_id: str
) -> None:
    assert get(client, request_id, "files").json()["files"] == {}
    early = get(client, request_id, "files.zip")
    assert (early.status_code, early.json()["error_code"]) == (404, "not_found")
    tasks.run_request(request_id)
    found = get(client, request_id, "files").json()
    archive = get(client, request_id, "files.zip")

    assert found["count"] == len(found["files"]) > 3
    assert archive["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(archive.content)) as packed:
        assert {name: packed.read(name).decode() for name in packed.namelist()} == found["files"]


def test_cancelling_a_queued_request_ends_it_at_once(client: Client, request_id: str) -> None:
    status, answer = post(client, request_id, "cancel")
    assert (status, answer["status"], answer["error_code"]) == (200, "failed", "cancelled")
    status, answer = post(client, request_id, "cancel")
    assert (status, answer["error_code"]) == (409, "not_possible")


def test_a_failed_request_is_tried_again_and_no_other(client: Client, request_id: str) -> None:
    assert post(client, request_id, "retry")[0] == 409
    post(client, request_id, "cancel")
    status, answer = post(client, request_id, "retry")
    assert (status, answer["status"], answer["error"]) == (200, "queued", None)
    tasks.run_request(request_id)
    assert ProvisionRequest.objects.get(request_id=request_id).status == "completed"


@pytest.mark.parametrize("change", ["cancel", "retry"])
def test_who_may_see_a_request_but_not_change_it_is_told_who_may(
    client: Client, portal: Callable[..., None], request_id: str, change: str
) -> None:
    portal(demo=False)
    client.force_login(make_user("eve", roles=(Role.AUDITOR,)))
    status, answer = post(client, request_id, change)
    assert (status, answer["error_code"]) == (403, "not_allowed")
    assert get(client, request_id, "status").json()["status"] == "queued"


@pytest.mark.parametrize("part", ["status", "events", "files", "files.zip", "cancel", "retry"])
def test_somebody_elses_request_is_not_found(
    client: Client, portal: Callable[..., None], request_id: str, part: str
) -> None:
    portal(demo=False)
    client.force_login(make_user("eve"))
    unknown = "req-000000000000"
    call = client.post if part in {"cancel", "retry"} else client.get
    found = [call(f"/api/v1/requests/{one}/{part}").json() for one in (request_id, unknown)]

    assert [one["error_code"] for one in found] == ["not_found", "not_found"]
    assert found[0]["message"] == f"Request {request_id} not found"

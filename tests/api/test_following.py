"""The answers that clients poll for: made fast, equal to the contract, and cheap when nothing has changed."""

from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from provisioning.api.following.kept import KeptBodies
from provisioning.api.following.stages import stages
from provisioning.api.schemas.status import StatusOut
from provisioning.models import ProvisionRequest, PullRequest, RequestEvent
from provisioning.requests import services, tasks
from tests.support import made_rows
from tests.support.status_by_schema import status_out

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal")]
BODY = {"request": "staging bucket for logs", "requester": "ana@example.com"}


def made(client: Client, **body: str) -> str:
    answer = client.post("/api/v1/provision", BODY | body, content_type="application/json")
    return str(answer.json()["request_id"])


def status(client: Client, request_id: str, **headers: str) -> Any:
    return client.get(f"/api/v1/requests/{request_id}/status", headers=headers)


def store(
    row: dict[str, Any], pull: dict[str, Any] | None, joins: bool, history: list[Any]
) -> ProvisionRequest:
    stored = ProvisionRequest.objects.create(**row)
    if pull is not None:
        opener = ProvisionRequest.objects.create(text="x", requester="y") if joins else stored
        opened = PullRequest.objects.create(provision_request=opener, **pull)
        stored.joined = opened if joins else None
        stored.save()
    for version, (name, at) in enumerate(history):
        RequestEvent.objects.create(
            provision_request=stored, version=version, status=name, at=at, actor="a"
        )
    return ProvisionRequest.objects.get(pk=stored.pk)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(made_rows.rows, st.none() | made_rows.pull_requests, st.booleans(), made_rows.histories)
def test_the_fast_answer_is_the_schemas_in_every_state(
    row: dict[str, Any], pull: dict[str, Any] | None, joins: bool, history: list[Any]
) -> None:
    ProvisionRequest.objects.all().delete()
    stored = store(row, pull, joins, history)
    client = Client(SERVER_NAME="localhost")
    fast = status(client, stored.request_id).json()

    by_schema = status_out(stored, fast["html_url"]).model_dump(mode="json")
    only_here = {"stage", "stages", "hint", "retryable", "retry_after", "waiting"}
    assert {name: value for name, value in fast.items() if name not in only_here} == {
        name: value for name, value in by_schema.items() if name not in only_here
    }
    assert StatusOut.model_validate(fast).model_dump(mode="json") == fast
    listed = client.get("/api/v1/requests", {"limit": "100"}).json()["requests"]
    [same] = [one for one in listed if one["request_id"] == stored.request_id]
    assert same | {"waiting": None} == fast | {"waiting": None}


def test_a_request_tells_its_stages_with_their_times(client: Client) -> None:
    request_id = made(client)
    queued = status(client, request_id).json()
    assert queued["stage"]["name"] == "queued"
    assert queued["stage"]["ended_at"] is None
    assert (queued["hint"], queued["retryable"], queued["retry_after"]) == (None, False, 2)
    tasks.run_request(request_id)
    done = status(client, request_id).json()

    assert [one["name"] for one in done["stages"]] == [
        "queued", "parsing", "generating", "creating_pr"
    ]  # fmt: skip
    assert done["stage"] == done["stages"][-1]
    assert all(one["ended_at"] and one["seconds"] >= 0 for one in done["stages"])
    assert done["retry_after"] is None


def test_stages_begin_anew_with_each_time_in_the_queue() -> None:
    at = [f"2026-01-01T00:00:0{second}+00:00" for second in range(8)]
    named = ["queued", "parsing", "queued", "parsing", "parsing", "generating", "failed", "failed"]
    found = stages(list(zip(named, at, strict=True)))

    assert [(one["name"], one["seconds"]) for one in found] == [
        ("queued", 1), ("parsing", 2), ("generating", 1)
    ]  # fmt: skip
    assert found[-1]["ended_at"] == "2026-01-01T00:00:06Z"


def test_a_failure_says_what_to_do_and_whether_trying_again_may_help(client: Client) -> None:
    request_id = made(client, request="something nobody can make out at all")
    tasks.run_request(request_id)
    failed = status(client, request_id).json()
    assert failed["status"] == "failed"
    assert failed["hint"]
    assert failed["retryable"] is False


def test_an_unchanged_request_is_a_304_for_one_statement(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    request_id = made(client)
    tasks.run_request(request_id)
    first = status(client, request_id)
    assert first.headers["Cache-Control"] == "private, no-cache"
    for known in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        with django_assert_num_queries(1):
            again = status(client, request_id, **{"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]
    assert status(client, request_id, **{"If-None-Match": '"other"'}).status_code == 200


def test_a_full_answer_takes_two_statements_and_a_finished_one_is_made_once(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    request_id = made(client)
    with django_assert_num_queries(2):
        assert status(client, request_id).json()["waiting"].startswith("No worker")
    tasks.run_request(request_id)
    with django_assert_num_queries(2):
        first = status(client, request_id)
    with django_assert_num_queries(1):
        assert status(client, request_id).content == first.content


def test_what_changes_after_the_end_changes_the_tag(client: Client) -> None:
    request_id = made(client)
    tasks.run_request(request_id)
    row = ProvisionRequest.objects.get(request_id=request_id)
    tags = {status(client, request_id)["ETag"]}
    row.note("It was approved.", "github")
    tags.add(status(client, request_id)["ETag"])
    PullRequest.objects.update(seen_json={"state": "open", "looked_at": "2026-01-01T00:00:00Z"})
    seen = status(client, request_id)
    tags.add(seen["ETag"])
    tags.add(Client(SERVER_NAME="127.0.0.1").get(seen.request["PATH_INFO"])["ETag"])

    assert len(tags) == 4
    assert seen.json()["pull_request"]["looked_at"] == "2026-01-01T00:00:00Z"


def test_a_waiting_request_keeps_its_tag_while_its_answer_is_the_same(client: Client) -> None:
    request_id = made(client)
    first = status(client, request_id)
    assert status(client, request_id, **{"If-None-Match": first["ETag"]}).status_code == 304
    ProvisionRequest.objects.update(team="payments")
    assert status(client, request_id, **{"If-None-Match": first["ETag"]}).status_code == 200


def test_a_retried_request_is_not_answered_as_it_ended(client: Client) -> None:
    request_id = made(client, request="something nobody can make out at all")
    tasks.run_request(request_id)
    failed = status(client, request_id)
    services.retry(ProvisionRequest.objects.get(request_id=request_id), "ana")
    again = status(client, request_id)
    assert (failed.json()["status"], again.json()["status"]) == ("failed", "queued")
    assert failed["ETag"] != again["ETag"]


def test_kept_bodies_are_bounded_and_the_least_used_goes_first() -> None:
    kept = KeptBodies(most_bytes=25)
    for tag in ("a", "b"):
        kept.keep(tag, b"x" * 10)
    assert kept.get("a")
    kept.keep("c", b"x" * 10)
    kept.keep("c", b"x" * 10)

    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (b"x" * 10, None, b"x" * 10)

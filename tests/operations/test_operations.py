import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone
from pydantic import SecretStr

from provisioning.domain import Submission
from provisioning.domain.identity import Role
from provisioning.models import ProvisionRequest, Status
from provisioning.operations import snapshot
from provisioning.queue.claims import ALIVE
from provisioning.queue.liveness import workers_alive
from provisioning.requests import services
from tests.support.people import make_user
from tests.support.waiting import until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("portal")]
Portal = Callable[..., None]


@contextmanager
def a_worker() -> Iterator[None]:
    session = connection.copy()
    with session.cursor() as cursor:
        cursor.execute("SELECT set_config('application_name', 'worker 7@here', false)")
        cursor.execute("SELECT pg_advisory_lock_shared(%s, 7)", [ALIVE])
    try:
        yield
    finally:
        session.close()
        until(lambda: not workers_alive())


def listed(page: str) -> str:
    """What the page says, without its markup."""
    return " ".join(re.sub("<[^>]+>", " ", page).split())


def submitted(**more: str) -> ProvisionRequest:
    return services.submit(Submission("staging S3 bucket for logs", "ana", **more))  # type: ignore[arg-type]


def test_the_queue_and_the_living_workers_are_seen() -> None:
    submitted()
    submitted()
    with a_worker():
        seen = snapshot.snapshot()
        assert [worker.name for worker in seen.workers] == ["worker 7@here"]
        assert {lane.name: lane.waiting for lane in seen.lanes}["provisioning"] == 2
        assert seen.by_status["queued"] == 2
    assert snapshot.snapshot().workers == ()


def test_health_says_what_an_operator_has_to_do_when_no_worker_is_alive(client: Client) -> None:
    answer = client.get("/api/v1/health").json()
    assert answer["status"] == "degraded"
    assert "manage.py worker" in answer["checks"]["workers"]
    with a_worker():
        answer = client.get("/api/v1/health").json()
    assert (answer["status"], answer["checks"]["workers"]) == ("healthy", "1 alive")
    assert (answer["checks"]["database"], answer["checks"]["queue"]) == ("connected", "empty")


def test_a_queued_request_says_why_nothing_happens() -> None:
    row = submitted(team="payments")
    assert "No worker is running" in snapshot.why_waiting(row)
    with a_worker():
        assert snapshot.why_waiting(row) == ""
        row.wake_at = timezone.now() + timedelta(seconds=9)
        assert "payments has as many requests running" in snapshot.why_waiting(row)
        row.error_code = "upstream_unavailable"
        assert "Attempt 1 begins at" in snapshot.why_waiting(row)
        row.status = Status.PARSING
        assert snapshot.why_waiting(row) == ""


def test_its_page_says_so_and_the_poll_learns_when_a_worker_starts(client: Client) -> None:
    ana = User.objects.create_user("ana")
    row = submitted()
    ProvisionRequest.objects.update(user=ana)
    client.force_login(ana)
    page = client.get(f"/requests/{row.request_id}").text
    assert "No worker is running" in page
    [poll] = re.findall(r'hx-get="([^"]+/live[^"]+)"', page)
    address, htmx = poll.replace("&amp;", "&"), {"HX-Request": "true"}
    assert client.get(address, headers=htmx).status_code == 204
    with a_worker():
        changed = client.get(address, headers=htmx)
    assert changed.status_code == 200
    assert "Waits for a worker" in changed.text


def test_the_page_is_for_the_platform_team(client: Client) -> None:
    row = submitted()
    ProvisionRequest.objects.update(
        status=Status.PARSING, lease_until=timezone.now() + timedelta(seconds=60)
    )
    client.force_login(User.objects.create_user("ana"))
    assert client.get("/operations").status_code == 403
    client.force_login(make_user("root", roles=(Role.PLATFORM,)))
    page = client.get("/operations").content.decode()
    assert row.request_id in page
    assert "No worker is running" in page
    assert re.search(r"provisioning 1 \d+ s 0 0 0", listed(page))
    with a_worker():
        page = client.get("/operations").content.decode()
    assert "worker 7@here" in page
    assert "No worker is running" not in page


def test_metrics_tell_the_same_and_want_the_token_outside_the_demo(
    client: Client, portal: Portal
) -> None:
    submitted()
    text = client.get("/metrics").content.decode()
    assert 'infrallm_queue_waiting{lane="provisioning"} 1.0' in text
    assert 'infrallm_requests_unfinished{status="queued"} 1.0' in text
    assert 'infrallm_queue_given_up{lane="provisioning"} 0.0' in text
    assert "infrallm_workers_alive 0.0" in text
    portal(demo=False, api_token=SecretStr("correct horse battery staple"))
    assert client.get("/metrics").status_code == 401
    token = {"Authorization": "Bearer correct horse battery staple"}
    assert client.get("/metrics", headers=token).status_code == 200

"""What becomes of a pull request: whatever happens to deliveries, the portal ends with what the host says."""

import hashlib
import hmac
import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from provisioning import wiring
from provisioning.domain import EtagCache, PullRequestState, Submission
from provisioning.domain.identity import Role
from provisioning.errors import UpstreamUnavailableError
from provisioning.models import ProvisionRequest, PullRequest, Status, WebhookDelivery
from provisioning.operations import metrics, outages
from provisioning.pull_requests import catch_up, sync
from provisioning.requests import services, tasks
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "a webhook's secret"
SCHEDULES = int(os.environ.get("SCHEDULES", "10"))  # CI asks for a thousand
Portal = Callable[..., None]


class Host:
    """A repository host that says of every pull request what a test has set last."""

    def __init__(self) -> None:
        self.states: dict[int, dict[str, Any]] = {}
        self.down = False

    def read(
        self, number: int, at: datetime, memory: EtagCache
    ) -> tuple[PullRequestState, EtagCache]:
        if self.down:
            raise UpstreamUnavailableError("GitHub does not answer.", retry_after=600)
        return PullRequestState(looked_at=at, **self.states[number]), {
            "looks": memory.get("looks", 0) + 1
        }


@pytest.fixture
def host(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> Host:
    made = Host()
    portal(github_webhook_secret=SecretStr(SECRET), github_org="acme", github_repo="infrastructure")
    monkeypatch.setattr(wiring, "pull_request_reader", lambda: made)
    return made


def opened(host: Host, number: int = 7, sha: str = "abc") -> ProvisionRequest:
    row = ProvisionRequest.objects.create(
        text="bucket", requester="ana", status=Status.COMPLETED, attempt=1
    )
    PullRequest.objects.create(
        provision_request=row,
        repository=wiring.repository(),
        number=number,
        url="https://github.test/7",
        commit_sha=sha,
    )
    host.states[number] = {"state": "open", "head_sha": sha}
    return row


def payload(number: int = 7, repository: str = "acme/infrastructure") -> bytes:
    return json.dumps(
        {"repository": {"full_name": repository}, "pull_request": {"number": number}}
    ).encode()


def deliver(body: bytes, delivery: str = "1", secret: str = SECRET) -> tuple[int, dict[str, Any]]:
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": signature, "X-GitHub-Delivery": delivery}
    answer = Client(SERVER_NAME="localhost").post(
        "/api/v1/webhooks/github", body, content_type="application/json", headers=headers
    )
    return answer.status_code, answer.json()


def work() -> None:
    """What the worker of the reconcile lane does."""
    for task in OrmQ.objects.filter(key=sync.LANE):
        [pk] = task.task["args"]
        sync.sync_pull_request(pk)
        task.delete()


def details(row: ProvisionRequest) -> list[str]:
    return [event.detail for event in row.events.all()]


def test_a_signed_delivery_leads_to_a_look_and_the_history_tells(host: Host) -> None:
    row = opened(host)
    host.states[7] |= {
        "state": "merged",
        "ended_by": "octo",
        "review": "approved",
        "reviewers": ("eve",),
    }
    assert deliver(payload()) == (202, {"looks": 1})
    work()
    row.refresh_from_db()
    assert row.status == "completed"
    assert row.pull_request.state == "merged"
    assert row.pull_request.look_at is None
    assert details(row) == ["Approved by eve.", "Merged by octo."]
    assert row.events.last().actor == "octo"  # type: ignore[union-attr]

    answer = Client(SERVER_NAME="localhost").get(f"/api/v1/requests/{row.request_id}/status").json()
    assert answer["status"] == "completed"
    assert {name: answer["pull_request"][name] for name in ("state", "review", "ended_by")} == {
        "state": "merged",
        "review": "approved",
        "ended_by": "octo",
    }


def test_the_same_delivery_twice_is_worked_on_once(host: Host) -> None:
    opened(host)
    assert [deliver(payload())[1]["looks"], deliver(payload())[1]["looks"]] == [1, 0]
    assert WebhookDelivery.objects.count() == 1


@pytest.mark.parametrize("secret", ["", "guessed"])
def test_a_forged_delivery_changes_nothing(host: Host, secret: str) -> None:
    opened(host)
    assert deliver(payload(), secret=secret)[0] == 401
    assert not WebhookDelivery.objects.exists()
    assert not OrmQ.objects.exists()


def test_without_a_secret_in_the_settings_no_delivery_counts(host: Host, portal: Portal) -> None:
    portal(github_webhook_secret=None)
    assert deliver(payload(), secret="")[0] == 401


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"x"', b'{"repository": 3}', b"\xff"])
def test_a_signed_body_of_another_shape_does_no_harm(host: Host, body: bytes) -> None:
    opened(host)
    status, _ = deliver(body)
    assert status in {202, 422}
    assert not OrmQ.objects.exists()


def test_another_repository_and_a_missing_delivery_id_are_not_ours(host: Host) -> None:
    opened(host)
    assert deliver(payload(repository="acme/other"))[1] == {"looks": 0}
    assert deliver(payload(), delivery="")[0] == 422


def test_a_delivery_of_the_renamed_repository_still_fits_by_its_commits(host: Host) -> None:
    opened(host)
    pull = {"pull_request": {"number": 7, "head": {"sha": "abc"}}}
    push = {"before": "abc"}
    for delivery, where in (("r1", pull), ("r2", push)):
        body = json.dumps({"repository": {"full_name": "acme/renamed"}} | where).encode()
        assert deliver(body, delivery)[1] == {"looks": 1}


def test_a_number_of_another_repository_is_left_alone(host: Host, portal: Portal) -> None:
    row = opened(host)
    portal(github_repo="moved")
    host.states[7] |= {"state": "merged"}
    assert deliver(payload(repository="acme/moved"))[1] == {"looks": 0}
    assert sync.reconcile() == 0
    sync.sync_pull_request(row.pull_request.pk)
    row.refresh_from_db()
    assert row.pull_request.state == "open"


def test_while_the_host_is_down_the_schedule_looks_again_when_it_asked_for(host: Host) -> None:
    row = opened(host)
    host.down = True
    sync.sync_pull_request(row.pull_request.pk)
    row.refresh_from_db()
    assert row.pull_request.look_at is not None
    assert row.pull_request.look_at > timezone.now() + timedelta(seconds=500)
    assert details(row) == []
    since = row.pull_request.failing_since
    assert since is not None
    for _ in range(2):
        sync.sync_pull_request(row.pull_request.pk)
    row.refresh_from_db()
    assert (row.pull_request.looks_failed, row.pull_request.failing_since) == (3, since)
    assert "GitHub does not answer." in outages.failing_looks(wiring.repository())
    assert b"infrallm_pull_request_looks_failed_total 3.0" in metrics.exposition()
    host.down = False
    sync.sync_pull_request(row.pull_request.pk)
    assert outages.failing_looks(wiring.repository()) == ""


def test_reconcile_looks_at_what_is_due_and_at_nothing_else(host: Host) -> None:
    row = opened(host)
    assert sync.reconcile() == 1
    assert sync.reconcile() == 0
    host.states[7] |= {"state": "closed", "ended_by": "octo"}
    work()
    row.refresh_from_db()
    assert row.pull_request.state == "closed"
    assert sync.reconcile() == 0


def test_a_look_that_changes_nothing_writes_no_history(host: Host) -> None:
    row = opened(host)
    for _ in range(3):
        sync.sync_pull_request(row.pull_request.pk)
    assert details(row) == []
    row.refresh_from_db()
    assert row.version == 1
    assert row.pull_request.memory == {"looks": 3}


def test_a_merge_on_the_review_page_of_the_embedded_repository_is_in_the_history(
    portal: Portal, client: Client
) -> None:
    row = services.submit(Submission("staging S3 bucket for logs", "ana"))
    tasks.run_request(row.request_id)
    client.force_login(make_user("root", roles=(Role.PLATFORM,), address=""))
    client.post("/pulls/1/merge")
    row.refresh_from_db()
    assert row.pull_request.state == "merged"
    assert details(row)[-1] == "Merged by root."


Changes = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["open", "closed", "merged"]),
        "review": st.sampled_from(["none", "approved", "changes_requested"]),
        "checks": st.sampled_from(["none", "pending", "passed", "failed"]),
    }
)
Fate = st.sampled_from(["delivered", "lost", "doubled", "late", "forged"])


@settings(max_examples=SCHEDULES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schedule=st.lists(st.tuples(Changes, Fate), max_size=8), seed=st.randoms())
def test_after_any_schedule_of_deliveries_one_reconcile_ends_in_the_hosts_state(
    host: Host, schedule: list[tuple[dict[str, str], str]], seed: Any
) -> None:
    ProvisionRequest.objects.all().delete()
    WebhookDelivery.objects.all().delete()
    OrmQ.objects.all().delete()
    row = opened(host)
    late: list[str] = []
    for number, (change, fate) in enumerate(schedule):
        if host.states[7]["state"] != "merged":
            host.states[7] = {"head_sha": "abc", **change}
        if fate in {"delivered", "doubled"}:
            deliver(payload(), f"d{number}")
        if fate == "doubled":
            deliver(payload(), f"d{number}")
        if fate == "late":
            late.append(f"d{number}")
        if fate == "forged":
            assert deliver(payload(), f"d{number}", secret="guessed")[0] == 401
        if seed.random() < 0.5:
            work()
    seed.shuffle(late)
    for delivery in late:
        deliver(payload(), delivery)
    PullRequest.objects.exclude(look_at=None).update(look_at=timezone.now())

    sync.reconcile()
    work()

    row.refresh_from_db()
    seen = row.pull_request.seen
    assert seen is not None
    assert {"state": seen.state, "review": seen.review, "checks": seen.checks} == {
        "state": host.states[7]["state"],
        "review": host.states[7].get("review", "none"),
        "checks": host.states[7].get("checks", "none"),
    }
    assert row.status == "completed"


def test_after_an_outage_every_pull_request_that_may_change_is_due_at_once(host: Host) -> None:
    far = timezone.now() + timedelta(hours=6)
    rows = [opened(host, number, sha=f"sha{number}") for number in (7, 8, 9)]
    PullRequest.objects.update(look_at=far)
    PullRequest.objects.filter(number=9).update(state="merged", look_at=None)
    assert catch_up.look_at_all() == 2
    due = PullRequest.objects.filter(look_at__lte=timezone.now())
    assert sorted(due.values_list("number", flat=True)) == [7, 8]
    assert len(rows) == 3

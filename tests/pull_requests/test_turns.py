"""One budget for all workers: GitHub refuses nothing by rate, whoever waits is told how long, and nobody is lost."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from pydantic import SecretStr

from provisioning.errors import HostTurnError
from provisioning.models import HostWrites, ProvisionRequest, Status, database_now
from provisioning.operations import snapshot
from provisioning.pull_requests import turns
from provisioning.requests import waiting
from tests.support.elapsed import pass_time
from tests.support.pull_request_hosts import a_change

pytestmark = pytest.mark.django_db(transaction=True)
Portal = Callable[..., None]


@pytest.fixture(autouse=True)
def github(portal: Portal) -> None:
    portal(github_org="acme", github_repo="infra", github_token=SecretStr("t"))


def claimed(team: str) -> ProvisionRequest:
    row = ProvisionRequest.objects.create(text="bucket", requester="ana", team=team, attempt=1)
    ProvisionRequest.objects.filter(pk=row.pk).update(status=Status.CREATING_PR)
    row.refresh_from_db()
    return row


def tried(row: ProvisionRequest) -> bool:
    """As a worker does; True when it may write."""
    ProvisionRequest.objects.filter(pk=row.pk).update(
        status=Status.CREATING_PR, error_code="", wake_at=None
    )
    row.refresh_from_db()
    try:
        turns.take(row, a_change())
    except HostTurnError as error:
        waiting.fail_or_wait(row, error)
        return False
    ProvisionRequest.objects.filter(pk=row.pk).update(status=Status.COMPLETED)
    return True


def test_a_crowd_is_written_within_githubs_bounds_at_the_time_that_was_said() -> None:
    started, passed = database_now(), 0.0
    rows = [claimed("many") for _ in range(135)]
    granted: dict[int, float] = {}
    said: dict[int, float] = {}

    def clock() -> float:
        return passed + (database_now() - started).total_seconds()

    for row in rows:
        if tried(row):
            granted[row.pk] = clock()
        else:
            row.refresh_from_db()
            assert row.wake_at is not None
            said[row.pk] = (row.wake_at - started).total_seconds()
    assert len(granted) >= 80 // 4
    while due := _next_due():
        step = max(0.05, (due - database_now()).total_seconds())
        pass_time(step)
        passed += step
        for row in ProvisionRequest.objects.filter(wake_at__lte=database_now()).order_by("pk"):
            if tried(row):
                granted[row.pk] = clock()
    assert len(granted) == len(rows)
    assert max(granted[pk] - said[pk] for pk in said) < 60
    for seconds, most in ((60, 80), (3600, 500)):
        instants = sorted(granted.values())
        for end in instants:
            assert sum(end - seconds + 1 < at <= end for at in instants) * 4 <= most


def _next_due() -> datetime | None:
    waiting_rows = ProvisionRequest.objects.filter(wake_at__isnull=False).order_by("wake_at")
    first = waiting_rows.first()
    return first.wake_at if first else None


def test_another_teams_first_request_does_not_wait_for_the_crowd(client: Client) -> None:
    for _ in range(30):
        tried(claimed("many"))
    few = claimed("few")
    assert not tried(few)
    few.refresh_from_db()
    assert few.wake_at is not None
    assert few.wake_at < database_now() + timedelta(seconds=71)
    last = ProvisionRequest.objects.filter(team="many").latest("pk")
    assert last.wake_at is not None
    assert few.wake_at <= last.wake_at
    said = snapshot._turn(last, last.wake_at)
    assert said.startswith("GitHub takes only so many changes an hour: about 1 minute, ")


def test_a_second_attempt_of_the_same_request_costs_nothing_more() -> None:
    row = claimed("one")
    turns.take(row, a_change(reviewers=("ada",)))
    turns.take(row, a_change(reviewers=("ada",)))
    assert [one.number for one in HostWrites.objects.all()] == [5]


def test_the_embedded_repository_has_no_bounds(portal: Portal) -> None:
    portal(github_repo="", github_org="", github_token=None)
    for _ in range(20):
        assert tried(claimed("many"))
    assert not HostWrites.objects.exists()

"""What brings a request to a worker again, whatever it has lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from provisioning.domain import Submission
from provisioning.models import ProvisionRequest, Status
from provisioning.queue.claims import MAX_DELIVERIES
from provisioning.requests import leases, retries, services, waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("portal")]
MINUTE = timedelta(seconds=60)


@pytest.fixture
def row(portal: Callable[..., None]) -> ProvisionRequest:
    return services.submit(Submission("staging S3 bucket for logs", "ana"))


def delays() -> list[float]:
    """Of the queue's tasks, in seconds from now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM lock - now())::float FROM django_q_ormq ORDER BY id"
        )
        return [seconds for (seconds,) in cursor.fetchall()]


def lose_the_tasks() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_q_ormq")


def test_after_a_death_waits_grow_with_jitter_up_to_a_bound() -> None:
    for attempt in range(1, 30):
        bound = min(2**attempt, retries.LONGEST_WAIT_SECONDS)
        waits = {retries.delay(attempt) for _ in range(50)}
        assert all(bound / 2 <= wait <= bound for wait in waits)
        assert len(waits) > 1


def test_in_an_outage_waits_grow_with_what_was_waited_up_to_five_minutes() -> None:
    for waited in (0, 1, 10, 100, 1_000, 100_000):
        bound = min(300, max(2, waited))
        pauses = {waiting.pause(waited) for _ in range(50)}
        assert all(bound / 2 <= pause <= bound for pause in pauses)
        assert len(pauses) > 1
    assert waiting.pause(0, retry_after=400) == 400


def test_a_request_with_a_task_in_the_queue_is_left_alone(row: ProvisionRequest) -> None:
    assert retries.rescue_stalled() == 0
    assert len(delays()) == 1


def test_a_request_whose_task_the_queue_lost_is_queued_again_once(row: ProvisionRequest) -> None:
    lose_the_tasks()
    assert [retries.rescue_stalled(), retries.rescue_stalled()] == [1, 0]
    assert len(delays()) == 1


def test_a_request_whose_task_was_given_up_is_queued_again(row: ProvisionRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_q_ormq SET deliveries = %s", [MAX_DELIVERIES])
    assert [retries.rescue_stalled(), retries.rescue_stalled()] == [1, 0]
    assert len(delays()) == 2


def test_a_request_that_waits_is_queued_when_its_time_has_come(row: ProvisionRequest) -> None:
    lose_the_tasks()
    ProvisionRequest.objects.update(wake_at=timezone.now() + MINUTE, attempt=4)
    assert retries.rescue_stalled() == 0
    ProvisionRequest.objects.update(wake_at=timezone.now())
    assert [retries.rescue_stalled(), retries.rescue_stalled()] == [1, 0]
    [seconds] = delays()
    assert seconds <= 0


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_after_an_unexpected_error_the_next_attempt_begins_later_each_time(
    row: ProvisionRequest, attempt: int
) -> None:
    lose_the_tasks()
    ProvisionRequest.objects.update(
        attempt=attempt, status=Status.PARSING, lease_until=timezone.now() + MINUTE
    )
    assert [retries.rescue_stalled(), retries.rescue_stalled()] == [1, 0]
    [seconds] = delays()
    assert 2**attempt / 2 - 1 < seconds <= 2**attempt


def test_a_request_that_a_living_worker_holds_is_left_alone_until_its_lease_runs_out(
    row: ProvisionRequest,
) -> None:
    lose_the_tasks()
    claimed = leases.claim(row.request_id, MINUTE)
    assert claimed is not None
    assert retries.rescue_stalled() == 0
    ProvisionRequest.objects.update(lease_until=timezone.now())
    assert retries.rescue_stalled() == 1
    leases.release(claimed)


def test_a_finished_request_is_left_alone(row: ProvisionRequest) -> None:
    lose_the_tasks()
    services.cancel(row, "ana")
    assert retries.rescue_stalled() == 0

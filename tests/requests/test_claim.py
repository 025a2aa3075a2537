"""Who owns a request. Two sessions are two database connections, as two workers have them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from provisioning.errors import CancelledError, LeaseLostError, NotPossibleError
from provisioning.models import ProvisionRequest, Status
from provisioning.requests import leases, services
from provisioning.requests.leases import IN_WORK
from tests.support.worker_process import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(seconds=60)


def made(**fields: object) -> ProvisionRequest:
    return ProvisionRequest.objects.create(text="bucket for logs", requester="ana", **fields)


@contextmanager
def another_worker_holds(row: ProvisionRequest) -> Iterator[None]:
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [IN_WORK, row.pk])
    try:
        yield
    finally:
        other.close()


def test_a_claim_counts_an_attempt_and_takes_a_lease() -> None:
    row = made()
    claimed = leases.claim(row.request_id, MINUTE)
    assert claimed is not None
    assert claimed.attempt == 1
    assert claimed.lease_until is not None
    assert claimed.lease_until > timezone.now()
    leases.release(claimed)


def test_what_a_living_worker_holds_cannot_be_claimed_before_its_lease_ends() -> None:
    row = made(attempt=1, status=Status.PARSING, lease_until=timezone.now() + MINUTE)
    with another_worker_holds(row):
        assert leases.claim(row.request_id, MINUTE) is None
        ProvisionRequest.objects.update(lease_until=timezone.now() - MINUTE)
        assert leases.claim(row.request_id, MINUTE) is not None


def test_what_a_dead_worker_held_is_free_before_its_lease_ends() -> None:
    row = made(attempt=1, status=Status.PARSING, lease_until=timezone.now() + MINUTE)
    with another_worker_holds(row):
        pass
    claimed = wait_until(lambda: leases.claim(row.request_id, MINUTE), "the session is gone")
    assert claimed is not None
    leases.release(claimed)


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.FAILED])
def test_the_finished_and_the_unknown_cannot_be_claimed(status: Status) -> None:
    assert leases.claim(made(status=status).request_id, MINUTE) is None
    assert leases.claim("req-000000000000", MINUTE) is None


def test_what_waits_for_a_retry_is_not_claimed_early() -> None:
    row = made(wake_at=timezone.now() + MINUTE)
    assert leases.claim(row.request_id, MINUTE) is None
    ProvisionRequest.objects.update(wake_at=timezone.now())
    claimed = leases.claim(row.request_id, MINUTE)
    assert claimed is not None
    leases.release(claimed)


def test_claims_at_once_never_share_an_attempt() -> None:
    row = made()
    claims: list[ProvisionRequest | None] = []

    def claim() -> None:
        claims.append(leases.claim(row.request_id, MINUTE))
        connection.close()

    threads = [Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # A session that closed is a dead worker: its successor may claim. Each claim is an attempt of its own, never shared.
    attempts = [one.attempt for one in claims if one]
    assert sorted(attempts) == list(range(1, len(attempts) + 1))


def test_a_worker_that_was_thought_dead_cannot_write_over_its_successor() -> None:
    row = made()
    first = leases.claim(row.request_id, MINUTE)
    second = leases.claim(row.request_id, MINUTE)
    assert first is not None
    assert second is not None

    with pytest.raises(LeaseLostError):
        first.advance(Status.PARSING)
    with pytest.raises(LeaseLostError):
        first.store(branch_name="infrallm/x")
    services.finish(first, "portal", "internal_error", "too late")
    second.advance(Status.PARSING)

    row.refresh_from_db()
    assert (row.status, row.branch_name, row.error) == ("parsing", "", "")
    assert not first.renew(MINUTE)
    assert second.renew(MINUTE)


def test_state_and_event_are_written_together_one_event_per_version() -> None:
    row = made()
    claimed = leases.claim(row.request_id, MINUTE)
    assert claimed is not None
    for status in (Status.PARSING, Status.GENERATING, Status.CREATING_PR):
        claimed.advance(status, "on the way")
    leases.release(claimed)
    assert [(event.version, event.status) for event in row.events.all()] == [
        (2, "parsing"),
        (3, "generating"),
        (4, "creating_pr"),
    ]


def test_a_cancelled_request_stops_before_its_next_phase() -> None:
    row = made()
    claimed = leases.claim(row.request_id, MINUTE)
    assert claimed is not None
    claimed.advance(Status.PARSING)
    services.cancel(row, "ana")
    with pytest.raises(CancelledError):
        claimed.advance(Status.GENERATING)


def test_a_queued_request_is_cancelled_at_once_and_a_begun_pull_request_not_any_more() -> None:
    row = made()
    services.cancel(row, "ana")
    row.refresh_from_db()
    assert (row.status, row.error_code) == ("failed", "cancelled")
    with pytest.raises(NotPossibleError):
        services.cancel(row, "ana")
    with pytest.raises(NotPossibleError):
        services.cancel(made(status=Status.CREATING_PR), "ana")


def test_a_retry_keeps_the_history_and_gives_new_attempts() -> None:
    row = made(
        status=Status.FAILED,
        attempt=5,
        attempt_limit=5,
        error="down",
        error_code="upstream_unavailable",
    )
    services.retry(row, "ana")
    row.refresh_from_db()
    assert (row.status, row.attempt, row.error) == ("queued", 5, "")
    assert row.attempt_limit > 5
    with pytest.raises(NotPossibleError):
        services.retry(row, "ana")


def test_one_too_many_of_a_team_waits_until_another_ends() -> None:
    rows = [made(team="payments") for _ in range(3)]
    other = made(team="search")

    first = leases.claim(rows[0].request_id, MINUTE, team_limit=1)
    assert first is not None
    assert leases.claim(rows[1].request_id, MINUTE, team_limit=1) is None
    elsewhere = leases.claim(other.request_id, MINUTE, team_limit=1)
    assert elsewhere is not None
    rows[1].refresh_from_db()
    assert (rows[1].status, rows[1].attempt) == ("queued", 0)
    assert rows[1].wake_at is not None

    services.finish(first, "portal", "cancelled", "done")
    services.enqueue_next_of_team(first)

    assert ProvisionRequest.objects.get(pk=rows[1].pk).wake_at is None
    assert leases.claim(rows[1].request_id, MINUTE, team_limit=1) is not None

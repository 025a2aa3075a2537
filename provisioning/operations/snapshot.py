"""What operators look at: the queue, the workers, what runs. Read from Postgres at the time of asking, so that every process
gives the same answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from provisioning.errors import HostTurnError, SameUnderwayError
from provisioning.models import UNFINISHED, ProvisionRequest, Status
from provisioning.operations import outages
from provisioning.operations.single_flight import SingleFlight
from provisioning.queue.liveness import Lane, Worker, lanes_now, workers_alive

# Whoever polls a queued request asks this, and Postgres reads all sessions for it.
_workers = SingleFlight(workers_alive, workers_alive, last_for_seconds=2.0)


@dataclass(frozen=True)
class Running:
    request_id: str
    status: str
    attempt: int
    lease_seconds: float


@dataclass(frozen=True)
class Snapshot:
    lanes: tuple[Lane, ...]
    workers: tuple[Worker, ...]
    running: tuple[Running, ...]
    by_status: Mapping[str, int]
    waiting_for_retry: int


def snapshot() -> Snapshot:
    counts = (
        ProvisionRequest.objects.filter(status__in=UNFINISHED)
        .values_list("status")
        .annotate(Count("pk"))
    )
    return Snapshot(
        lanes=tuple(lanes_now()),
        workers=tuple(workers_alive()),
        running=running(),
        # Zero is a value: to Prometheus a series that comes and goes is one that was lost.
        by_status=dict.fromkeys(map(str, UNFINISHED), 0) | dict(counts.order_by()),
        waiting_for_retry=ProvisionRequest.objects.filter(
            status=Status.QUEUED, wake_at__isnull=False
        ).count(),
    )


def running() -> tuple[Running, ...]:
    rows = ProvisionRequest.objects.filter(
        lease_until__isnull=False, status__in=UNFINISHED
    ).order_by("id")
    now = timezone.now()
    return tuple(
        Running(row.request_id, row.status, row.attempt, (row.lease_until - now).total_seconds())
        # More than any installation has workers; the page is for people.
        for row in rows.only("request_id", "status", "attempt", "lease_until")[:200]
        if row.lease_until
    )


def why_waiting(row: ProvisionRequest) -> str:
    """Why nothing happens to a queued request, in one sentence; "" when it is simply its turn soon."""
    if row.status != Status.QUEUED:
        return ""
    return why_queued(row, is_worked=any(worker.alive for worker in _workers()))


def why_queued(row: ProvisionRequest, *, is_worked: bool) -> str:
    """The same of a queued request, for who knows whether any worker is there."""
    if not is_worked:
        return "No worker is running, so nothing happens until an operator starts one (manage.py worker)."
    return _why_later(row, row.wake_at) if row.wake_at else ""


def _why_later(row: ProvisionRequest, at: datetime) -> str:
    if row.error_code == SameUnderwayError.code:
        return "Another request is about to open a pull request with the same; this one shares it."
    if row.error_code == HostTurnError.code:
        return _turn(row, at)
    if row.error_code:
        next_one = f"Attempt {row.attempt + 1} begins at {at:%H:%M:%S} UTC."
        return f"{outages.sentence(row)} {next_one}".lstrip()
    return f"{row.team or row.requester} has as many requests running as one team may; this one waits for its turn."


def _turn(row: ProvisionRequest, at: datetime) -> str:
    """As it is now: the line moves on while nothing happens to this one."""
    waiting = ProvisionRequest.objects.filter(status=Status.QUEUED, error_code=row.error_code)
    return HostTurnError(
        (at - timezone.now()).total_seconds(), waiting.filter(wake_at__lt=at).count()
    ).message

"""What operators look at: the queue, the workers, what runs. Read from Postgres at the time of asking, so that every process
gives the same answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from provisioning.broker import ALIVE, lanes
from provisioning.models import TERMINAL, ProvisionRequest, Status

WAITING = """
SELECT key, count(*), coalesce(extract(epoch FROM now() - min(lock)), 0)
FROM django_q_ormq WHERE claimed_by IS NULL AND lock <= now() GROUP BY key
"""

# A worker's intake asks Postgres at least once a second: the start of its last query is its beat.
WORKERS = """
SELECT session.application_name, extract(epoch FROM now() - session.query_start)
FROM pg_locks AS held
JOIN pg_database ON pg_database.oid = held.database
JOIN pg_stat_activity AS session ON session.pid = held.pid
WHERE held.locktype = 'advisory' AND held.classid = %s AND pg_database.datname = current_database()
ORDER BY session.application_name
"""


@dataclass(frozen=True)
class Lane:
    name: str
    waiting: int
    oldest_seconds: float


@dataclass(frozen=True)
class Worker:
    name: str
    beat_seconds: float


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
    waiting = {key: (count, float(age)) for key, count, age in _rows(WAITING)}
    return Snapshot(
        lanes=tuple(Lane(name, *waiting.get(name, (0, 0.0))) for name in lanes()),
        workers=workers(),
        running=running(),
        by_status={status: ProvisionRequest.objects.filter(status=status).count() for status in UNFINISHED},
        waiting_for_retry=ProvisionRequest.objects.filter(status=Status.QUEUED, wake_at__isnull=False).count(),
    )


UNFINISHED = tuple(status for status in Status.values if status not in TERMINAL)


def workers() -> tuple[Worker, ...]:
    return tuple(Worker(name, float(beat)) for name, beat in _rows(WORKERS, [ALIVE]))


def running() -> tuple[Running, ...]:
    rows = ProvisionRequest.objects.filter(lease_until__isnull=False).exclude(status__in=TERMINAL).order_by("id")
    now = timezone.now()
    return tuple(
        Running(row.request_id, row.status, row.attempt, (row.lease_until - now).total_seconds())
        for row in rows.only("request_id", "status", "attempt", "lease_until")[:200]
        if row.lease_until
    )


def why_waiting(row: ProvisionRequest) -> str:
    """Why nothing happens to a queued request, in one sentence; "" when it is simply its turn soon."""
    if row.status != Status.QUEUED:
        return ""
    if not workers():
        return "No worker is running, so nothing happens until an operator starts one (manage.py worker)."
    if row.wake_at and row.error_code:
        return f"The next attempt is at {row.wake_at:%H:%M:%S} UTC."
    if row.wake_at:
        return f"{row.team or row.requester} has as many requests running as one team may; this one is next in line."
    return ""


def _rows(query: str, values: list[Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())

"""What the queue holds and who works on it, as Postgres sees it: a worker that is gone is not in its list of sessions."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connections
from django_q.conf import Conf

from provisioning.queue.broker import lanes
from provisioning.queue.claims import ALIVE, MAX_DELIVERIES

SILENT_SECONDS = 15.0

# A worker's intake asks Postgres at least once a second: the start of its last query is its beat.
WORKERS = """
SELECT session.application_name, session.backend_start,
    extract(epoch FROM clock_timestamp() - session.query_start)::float, count(task.id)
FROM pg_locks AS alive
JOIN pg_database ON pg_database.oid = alive.database
JOIN pg_stat_activity AS session USING (pid)
LEFT JOIN django_q_ormq AS task ON task.claimed_by::oid = alive.objid
WHERE alive.locktype = 'advisory' AND pg_database.datname = current_database() AND alive.classid = %s
GROUP BY session.pid, 1, 2, session.query_start ORDER BY 1
"""

# The same question for one statement among others: whether anybody is there to work.
IS_WORKED = f"""EXISTS (
    SELECT FROM pg_locks AS alive
    JOIN pg_database ON pg_database.oid = alive.database
    JOIN pg_stat_activity AS session USING (pid)
    WHERE alive.locktype = 'advisory' AND pg_database.datname = current_database() AND alive.classid = {ALIVE}
        AND clock_timestamp() - session.query_start < interval '{SILENT_SECONDS} seconds')
"""

LANES = """
SELECT key,
    count(*) FILTER (WHERE claimed_by IS NULL AND deliveries < %(limit)s AND lock <= now()),
    count(*) FILTER (WHERE claimed_by IS NULL AND deliveries < %(limit)s AND lock > now()),
    count(*) FILTER (WHERE claimed_by IS NOT NULL),
    count(*) FILTER (WHERE claimed_by IS NULL AND deliveries >= %(limit)s),
    coalesce(extract(epoch FROM now() - min(lock) FILTER (WHERE claimed_by IS NULL AND lock <= now())), 0)::float
FROM django_q_ormq GROUP BY key
"""


@dataclass(frozen=True)
class Worker:
    """`name` is "worker <pid>@<host>"; a healthy one has beaten within the last second or two. One that is stopped, or
    starved of processor time, keeps its session and is not alive."""

    name: str
    alive_since: datetime
    beat_seconds: float
    running: int

    @property
    def alive(self) -> bool:
        return self.beat_seconds < SILENT_SECONDS


@dataclass(frozen=True)
class Lane:
    """`given_up` counts the tasks that were delivered too often and never ended; see `MAX_DELIVERIES`."""

    name: str
    waiting: int = 0
    delayed: int = 0
    running: int = 0
    given_up: int = 0
    oldest_seconds: float = 0.0


def workers_alive() -> list[Worker]:
    with connections[Conf.ORM].cursor() as cursor:
        cursor.execute(WORKERS, [ALIVE])
        return [Worker(*row) for row in cursor.fetchall()]


def lanes_now() -> list[Lane]:
    with connections[Conf.ORM].cursor() as cursor:
        cursor.execute(LANES, {"limit": MAX_DELIVERIES})
        found = {row[0]: Lane(*row) for row in cursor.fetchall()}
    return [found.get(name, Lane(name)) for name in lanes()]

"""Delivery of tasks: django-q2's ORM broker, with what Postgres can do for a queue.

Over the ORM broker it adds:
- a wake-up: the enqueue's own statement sends NOTIFY, so that a task starts milliseconds after its commit; a look once a
  second is the safety net and finds delayed tasks;
- one claim, one statement, `FOR UPDATE SKIP LOCKED`: workers never wait for each other, and none gets another's task;
- no prefetch: a task is claimed only for a worker that is free to run it, so that no claim ages in a waiting line;
- lanes: each has its own number of places, so that a full lane holds up no other;
- proof of life: a worker process holds an advisory lock for as long as its database session lives. A claim whose owner
  holds none is free again at once, and not after the `retry` seconds;
- a limit: a task whose worker died comes back at once, then after one second, two and at most three, which is longer than a
  supervisor's pause, so that others run in between; after `MAX_DELIVERIES` times it is left lying, for someone to look at.
  That is more often than a request has attempts (REQUEST_MAX_ATTEMPTS): one that kills its workers ends as failed, in words.

A task may still be delivered twice: whatever runs has to bear that.
"""

import logging
import time
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, cast

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django_q.brokers.orm import ORM
from django_q.conf import Conf

if TYPE_CHECKING:
    from provisioning.intake import Intake

CHANNEL = "provisioning_queue"
ALIVE = 0x51C4  # the first of an advisory lock's two keys; the second is the owner
MAX_DELIVERIES = 25
RECONNECT_SECONDS = 0.5

ENQUEUE = """
WITH task AS (
    INSERT INTO django_q_ormq (key, payload, lock, subject)
    VALUES (%(lane)s, %(task)s, now() + %(delay)s * interval '1 second', %(subject)s)
    RETURNING id
)
SELECT id, pg_notify(%(channel)s, %(lane)s) FROM task
"""

RELEASE = """
WITH freed AS (
    UPDATE django_q_ormq SET claimed_by = NULL, lock = now() + least(deliveries - 1, 3) * interval '1 second'
    WHERE claimed_by = %(owner)s AND id <> ALL(%(running)s::bigint[]) RETURNING key
)
SELECT pg_notify(%(channel)s, key) FROM freed GROUP BY key
"""

# After a restart of Postgres nobody holds a lock until all have connected again; nobody is taken for dead meanwhile.
LEFT_BEHIND = """
SELECT id, claimed_by FROM django_q_ormq AS task
WHERE claimed_by IS NOT NULL AND (lock < now() OR NOT EXISTS (
    SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE locktype = 'advisory' AND datname = current_database() AND classid = %(alive)s AND objid = task.claimed_by::oid
)) AND pg_postmaster_start_time() < now() - interval '5 seconds'
"""

FREE = """
WITH freed AS (
    UPDATE django_q_ormq AS task SET claimed_by = NULL, lock = now() + least(deliveries - 1, 3) * interval '1 second'
    FROM unnest(%(tasks)s::bigint[], %(owners)s::int[]) AS left_behind (id, owner)
    WHERE task.id = left_behind.id AND task.claimed_by = left_behind.owner RETURNING key
)
SELECT pg_notify(%(channel)s, key) FROM freed GROUP BY key
"""

logger = logging.getLogger(__name__)


def lanes() -> dict[str, int]:
    """The queue's lanes and how many tasks of each may run at a time in one worker process."""
    return cast(dict[str, int], settings.Q_CLUSTER["lanes"])


class PostgresBroker(ORM):  # type: ignore[misc]  # django_q has no types
    """`async_task(…, broker=PostgresBroker(lane, delay=seconds))` enqueues for later; the lane alone is `cluster=lane`.
    `subject` says whom the task is about, so that it can be seen whether one is queued."""

    intake: "Intake | None" = None

    def __init__(self, list_key: str | None = None, delay: float = 0, subject: str | None = None) -> None:
        super().__init__(list_key)
        self.delay, self.subject = delay, subject

    def enqueue(self, task: str) -> int:
        if self.list_key not in lanes():
            raise ValueError(f"There is no lane {self.list_key!r}; the lanes are {', '.join(lanes())}.")
        values = {"lane": self.list_key, "task": task, "delay": self.delay, "subject": self.subject, "channel": CHANNEL}
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute(ENQUEUE, values)
            return int(cursor.fetchone()[0])

    def dequeue(self) -> list[tuple[int, str]] | None:
        """At most what the free workers can run; nothing once a second, so that django-q2's pusher sees a stop."""
        return self.intake.take() if self.intake else super().dequeue()

    def fail(self, task_id: int) -> None:
        """For a message that cannot be read: it was signed with another SECRET_KEY."""
        self.acknowledge(task_id)
        if self.intake:
            self.intake.finish(task_id)

    def acknowledge(self, task_id: int) -> None:
        """Waits for Postgres as long as it is away: an ended task that is not acknowledged would run again."""
        while True:
            try:
                with connections[Conf.ORM].cursor() as cursor:
                    cursor.execute("DELETE FROM django_q_ormq WHERE id = %s", [task_id])
                break
            except (OperationalError, InterfaceError):
                connections[Conf.ORM].close()
                time.sleep(RECONNECT_SECONDS)


def connect(name: str) -> psycopg.Connection[Any]:
    """A session for claims only: one that a crash of Postgres forgets is a task delivered again, so no commit waits."""
    parameters = connections[Conf.ORM].get_connection_params()
    options = f"{parameters.pop('options', '')} -c synchronous_commit=off"
    parameters |= {"autocommit": True, "prepare_threshold": 1, "application_name": name[:63]}
    patience = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
    patience["tcp_user_timeout"] = 20_000  # milliseconds
    return psycopg.connect(**(patience | parameters), options=options)


def release(owner: int, running: Collection[int] = ()) -> None:
    """Gives back what `owner` has claimed, but for what still runs. While Postgres is away, `release_dead` does it later."""
    try:
        with connect("worker that ends") as session:
            session.execute(RELEASE, {"owner": owner, "running": list(running), "channel": CHANNEL})
    except psycopg.Error as error:
        logger.warning("Claimed tasks could not be given back now: %s", str(error).strip().splitlines()[0])


_missed: set[tuple[int, int]] = set()  # tasks and their owners that held no lock at the last look


def release_dead() -> None:
    """Frees the tasks of worker processes that are gone: that hold no lock now and held none when this was last called. A
    session that was only cut is made again in between."""
    with connections[Conf.ORM].cursor() as cursor:
        cursor.execute(LEFT_BEHIND, {"alive": ALIVE})
        missing = set(cursor.fetchall())
        if dead := missing & _missed:
            tasks, owners = zip(*dead, strict=True)
            cursor.execute(FREE, {"tasks": list(tasks), "owners": list(owners), "channel": CHANNEL})
    _missed.clear()
    _missed.update(missing)

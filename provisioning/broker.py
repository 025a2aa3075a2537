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
import os
import random
import socket
import time
from collections.abc import Collection, Mapping
from typing import Any, cast

import psycopg
from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django_q.brokers.orm import ORM
from django_q.conf import Conf

from provisioning.channels import Beat, Flag, Numbers, wait

CHANNEL = "provisioning_queue"
ALIVE = 0x51C4  # the first of an advisory lock's two keys; the second is the owner
MAX_DELIVERIES = 25
LOOK_SECONDS = 1.0
RECONNECT_SECONDS = 0.5

ENQUEUE = """
WITH task AS (
    INSERT INTO django_q_ormq (key, payload, lock) VALUES (%(lane)s, %(task)s, now() + %(delay)s * interval '1 second')
    RETURNING id
)
SELECT id, pg_notify(%(channel)s, %(lane)s) FROM task
"""

CLAIM = """
WITH next AS MATERIALIZED (
    SELECT task.id FROM unnest(%(lanes)s::text[], %(places)s::int[]) AS lane (key, places), LATERAL (
        SELECT id FROM django_q_ormq
        WHERE key = lane.key AND claimed_by IS NULL AND lock <= now() AND deliveries < %(limit)s
        ORDER BY id LIMIT lane.places FOR UPDATE SKIP LOCKED
    ) AS task
)
UPDATE django_q_ormq AS task
SET claimed_by = %(owner)s, deliveries = deliveries + 1, lock = now() + %(retry)s * interval '1 second'
FROM next WHERE task.id = next.id RETURNING task.id, task.key, task.payload
"""

RELEASE = """
WITH freed AS (
    UPDATE django_q_ormq SET claimed_by = NULL, lock = now() + least(deliveries - 1, 3) * interval '1 second'
    WHERE claimed_by = %(owner)s AND id <> ALL(%(running)s::bigint[]) RETURNING key
)
SELECT pg_notify(%(channel)s, key) FROM freed GROUP BY key
"""

# After a restart of Postgres nobody holds a lock until all have connected again; nobody is taken for dead meanwhile.
RELEASE_DEAD = """
WITH freed AS (
    UPDATE django_q_ormq AS task SET claimed_by = NULL, lock = now() + least(deliveries - 1, 3) * interval '1 second'
    WHERE claimed_by IS NOT NULL AND (lock < now() OR NOT EXISTS (
        SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE locktype = 'advisory' AND datname = current_database() AND classid = %(alive)s AND objid = task.claimed_by::oid
    )) AND pg_postmaster_start_time() < now() - interval '5 seconds'
    RETURNING key
)
SELECT pg_notify(%(channel)s, key) FROM freed GROUP BY key
"""

logger = logging.getLogger(__name__)


def lanes() -> dict[str, int]:
    """The queue's lanes and how many tasks of each may run at a time in one worker process."""
    return cast(dict[str, int], settings.Q_CLUSTER["lanes"])


class PostgresBroker(ORM):  # type: ignore[misc]  # django_q has no types
    """`async_task(…, broker=PostgresBroker(lane, delay=seconds))` enqueues for later; the lane alone is `cluster=lane`."""

    intake: "Intake | None" = None

    def __init__(self, list_key: str | None = None, delay: float = 0) -> None:
        super().__init__(list_key)
        self.delay = delay

    def enqueue(self, task: str) -> int:
        if self.list_key not in lanes():
            raise ValueError(f"There is no lane {self.list_key!r}; the lanes are {', '.join(lanes())}.")
        values = {"lane": self.list_key, "task": task, "delay": self.delay, "channel": CHANNEL}
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


class Intake:
    """The database session by which one worker process takes tasks and shows that it is alive."""

    def __init__(self, owner: int, places: Mapping[str, int], finished: Numbers, stop: Flag, beat: Beat) -> None:
        self._owner, self._free, self._taken = owner, dict(places), dict[int, str]()
        self._finished, self._stop, self._beat = finished, stop, beat
        self._name = f"worker {os.getppid()}@{socket.gethostname()}"
        self._session: psycopg.Connection[Any] | None = None
        self._called = False

    def take(self) -> list[tuple[int, str]]:
        self._beat.now()
        for task_id in self._finished.take_all():
            self.finish(task_id)
        try:
            return self._claim()
        except psycopg.Error as error:
            self._lose_session(error)
            return []

    def finish(self, task_id: int) -> None:
        self._free[self._taken.pop(task_id)] += 1

    def _claim(self) -> list[tuple[int, str]]:
        """Asks with no place free too: that is the beat by which the session's end is noticed, and mended, in time."""
        session = self._session = self._session or self._connect()
        self._called = False
        free = {lane: places for lane, places in self._free.items() if places}
        values = {"owner": self._owner, "limit": MAX_DELIVERIES, "retry": Conf.RETRY}
        rows = session.execute(CLAIM, {**values, "lanes": list(free), "places": list(free.values())}).fetchall()
        if not rows and not self._called:
            wait([session, self._finished, self._stop], LOOK_SECONDS)
        return [self._start(*row) for row in sorted(rows)]

    def _start(self, task_id: int, lane: str, payload: str) -> tuple[int, str]:
        self._taken[task_id] = lane
        self._free[lane] -= 1
        return task_id, payload

    def _connect(self) -> psycopg.Connection[Any]:
        session = connect(self._name)
        session.add_notify_handler(self._call)
        session.execute("SELECT pg_advisory_lock_shared(%s, %s)", [ALIVE, self._owner])
        session.execute(f"LISTEN {CHANNEL}")
        return session

    def _call(self, _: psycopg.Notify) -> None:
        """A notification that came with a claim's answer: the claim may have looked before its task was there."""
        self._called = True

    def _lose_session(self, error: psycopg.Error) -> None:
        logger.warning("The queue cannot be read, trying again: %s", str(error).strip().splitlines()[0])
        self.close()
        wait([self._stop], RECONNECT_SECONDS)

    def close(self) -> None:
        """What is claimed then counts as left behind."""
        if self._session:
            self._session.close()
        self._session = None


def new_owner() -> int:
    return random.randrange(1, 2**31)  # noqa: S311 - a name, not a secret


def connect(name: str) -> psycopg.Connection[Any]:
    """A session for claims only: one that a crash of Postgres forgets is a task delivered again, so no commit waits."""
    parameters = connections[Conf.ORM].get_connection_params()
    options = f"{parameters.pop('options', '')} -c synchronous_commit=off"
    parameters |= {"autocommit": True, "prepare_threshold": 1, "application_name": name[:63]}
    patience = {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
    return psycopg.connect(**(patience | parameters), options=options)


def release(owner: int, running: Collection[int] = ()) -> None:
    """Gives back what `owner` has claimed, but for what still runs. While Postgres is away, `release_dead` does it later."""
    try:
        with connect("worker that ends") as session:
            session.execute(RELEASE, {"owner": owner, "running": list(running), "channel": CHANNEL})
    except psycopg.Error as error:
        logger.warning("Claimed tasks could not be given back now: %s", str(error).strip().splitlines()[0])


def release_dead() -> None:
    """Frees the tasks of worker processes that are gone."""
    with connections[Conf.ORM].cursor() as cursor:
        cursor.execute(RELEASE_DEAD, {"alive": ALIVE, "channel": CHANNEL})

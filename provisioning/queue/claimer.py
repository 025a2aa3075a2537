"""How one worker process takes tasks from the queue: no more than it has free workers for. See `provisioning.queue.broker`."""

import logging
import os
import random
import socket
from collections import deque
from collections.abc import Mapping
from typing import Any

import psycopg
from django_q.conf import Conf

from provisioning.queue.channels import Heartbeat, IntPipe, SharedEvent, wait
from provisioning.queue.claims import (
    ALIVE,
    CHANNEL,
    MAX_DELIVERIES,
    RECONNECT_SECONDS,
    RELEASE,
    connect,
)

LOOK_SECONDS = 1.0
REMEMBERED = 1000  # more than can be running, or ended and not yet acknowledged

# An array of ids, which the planner takes for few: it took a join's rows for a tenth of the table, and read all of it.
# A task is delayed by minutes at most: one that seems due much later was queued before the clock was set back.
CLAIM = """
WITH next AS MATERIALIZED (
    SELECT task.id FROM unnest(%(lanes)s::text[], %(places)s::int[]) AS lane (key, places), LATERAL (
        SELECT id FROM django_q_ormq
        WHERE key = lane.key AND claimed_by IS NULL AND deliveries < %(limit)s
            AND (lock <= now() OR lock > now() + interval '10 minutes')
        ORDER BY id LIMIT lane.places FOR UPDATE SKIP LOCKED
    ) AS task
)
UPDATE django_q_ormq AS task
SET claimed_by = %(owner)s, deliveries = deliveries + 1, lock = now() + %(retry)s * interval '1 second'
WHERE id = ANY (ARRAY (SELECT id FROM next)) RETURNING task.id, task.key, task.payload
"""

logger = logging.getLogger(__name__)


class TaskClaimer:
    """The database session by which one worker process takes tasks and shows that it is alive."""

    def __init__(
        self,
        owner: int,
        places: Mapping[str, int],
        finished: IntPipe,
        stop: SharedEvent,
        beat: Heartbeat,
    ) -> None:
        self._owner, self._free, self._taken = owner, dict(places), dict[int, str]()
        self._finished, self._stop, self._beat = finished, stop, beat
        self._heard_of = deque[int](maxlen=REMEMBERED)
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
        rows = session.execute(
            CLAIM, {**values, "lanes": list(free), "places": list(free.values())}
        ).fetchall()
        if not rows and not self._called:
            wait([session, self._finished, self._stop], LOOK_SECONDS)
        return [self._start(*row) for row in sorted(rows)]

    def _start(self, task_id: int, lane: str, payload: str) -> tuple[int, str]:
        self._taken[task_id] = lane
        self._heard_of.append(task_id)
        self._free[lane] -= 1
        return task_id, payload

    def _connect(self) -> psycopg.Connection[Any]:
        """Gives back what the last session may have claimed with an answer that never arrived."""
        session = connect(self._name)
        session.add_notify_handler(self._call)
        session.execute("SELECT pg_advisory_lock_shared(%s, %s)", [ALIVE, self._owner])
        session.execute(f"LISTEN {CHANNEL}")
        session.execute(
            RELEASE, {"owner": self._owner, "running": list(self._heard_of), "channel": CHANNEL}
        )
        return session

    def _call(self, _: psycopg.Notify) -> None:
        """A notification that came with a claim's answer: the claim may have looked before its task was there."""
        self._called = True

    def _lose_session(self, error: psycopg.Error) -> None:
        logger.warning(
            "The queue cannot be read, trying again: %s", str(error).strip().splitlines()[0]
        )
        self.close()
        wait([self._stop], RECONNECT_SECONDS)

    def close(self) -> None:
        """What is claimed then counts as left behind."""
        if self._session:
            self._session.close()
        self._session = None


def new_owner() -> int:
    return random.randrange(1, 2**31)  # noqa: S311 - a name, not a secret

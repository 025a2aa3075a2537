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

import time
from typing import cast

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from django_q.brokers.orm import ORM
from django_q.conf import Conf

from provisioning.queue.claimer import TaskClaimer
from provisioning.queue.claims import CHANNEL, RECONNECT_SECONDS

ENQUEUE = """
WITH task AS (
    INSERT INTO django_q_ormq (key, payload, lock, subject)
    VALUES (%(lane)s, %(task)s, now() + %(delay)s * interval '1 second', %(subject)s)
    RETURNING id
)
SELECT id, pg_notify(%(channel)s, %(lane)s) FROM task
"""


def lanes() -> dict[str, int]:
    """The queue's lanes and how many tasks of each may run at a time in one worker process."""
    return cast(dict[str, int], settings.Q_CLUSTER["lanes"])


class PostgresBroker(ORM):  # type: ignore[misc]  # django_q has no types
    """`async_task(…, broker=PostgresBroker(lane, delay=seconds))` enqueues for later; the lane alone is `cluster=lane`.
    `subject` says whom the task is about, so that it can be seen whether one is queued."""

    intake: TaskClaimer | None = None

    def __init__(
        self, list_key: str | None = None, delay: float = 0, subject: str | None = None
    ) -> None:
        super().__init__(list_key)
        self.delay, self.subject = delay, subject

    def enqueue(self, task: str) -> int:
        if self.list_key not in lanes():
            raise ValueError(
                f"There is no lane {self.list_key!r}; the lanes are {', '.join(lanes())}."
            )
        values = {
            "lane": self.list_key,
            "task": task,
            "delay": self.delay,
            "subject": self.subject,
            "channel": CHANNEL,
        }
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

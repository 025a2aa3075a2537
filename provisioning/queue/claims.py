"""The claims of worker processes on tasks: made by `provisioning.queue.claimer`, given back here, also those of the dead."""

import logging
from collections.abc import Collection
from typing import Any

import psycopg
from django.db import connections
from django_q.conf import Conf

CHANNEL = "provisioning_queue"
ALIVE = 0x51C4  # the first of an advisory lock's two keys; the second is the owner
MAX_DELIVERIES = 25
RECONNECT_SECONDS = 0.5

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


def connect(name: str) -> psycopg.Connection[Any]:
    """A session for claims only: one that a crash of Postgres forgets is a task delivered again, so no commit waits."""
    parameters = connections[Conf.ORM].get_connection_params()
    parameters |= {"autocommit": True, "prepare_threshold": 1, "application_name": name[:63]}
    session = psycopg.connect(**parameters)
    session.execute("SET synchronous_commit = off")  # poolers refuse it as an option of the start
    return session


def return_tasks(owner: int, running: Collection[int] = ()) -> None:
    """Gives back what `owner` has claimed, but for what still runs. While Postgres is away, `release_dead` does it later."""
    try:
        with connect("worker that ends") as session:
            session.execute(RELEASE, {"owner": owner, "running": list(running), "channel": CHANNEL})
    except psycopg.Error as error:
        logger.warning(
            "Claimed tasks could not be given back now: %s", str(error).strip().splitlines()[0]
        )


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

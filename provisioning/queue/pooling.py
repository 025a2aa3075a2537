"""Whether a database session is our own. Behind a pooler in transaction mode (https://www.pgbouncer.org/features.html) it is
another one for each statement: locks and LISTEN, by which the queue knows who is alive, then belong to everybody."""

import random

import psycopg

from provisioning.queue.claims import connect

PROBE = 0x51C6  # the advisory lock's first key
ROUNDS = 5

SHARED = (
    "DATABASE_URL leads to a connection pooler in transaction mode: each statement may get another "
    "session, so that locks and notifications of the queue are lost. Give the worker the address of "
    "Postgres itself, or of a pool with pool_mode = session."
)


class SharedSessionError(Exception):
    """The worker cannot work there; the message says what to do."""


def refuse_shared_sessions() -> None:
    """Raises `SharedSessionError`. While Postgres is away, `psycopg.OperationalError`."""
    key = random.randrange(1, 2**31)  # noqa: S311 - a name, not a secret
    with connect("worker that starts") as own, connect("worker that starts, again") as other:
        for session in (own, other):
            session.prepare_threshold = None
        seen = set()
        for _ in range(ROUNDS):
            seen.add(_session_with_lock(own, key))
            if _gets(other, key) or len(seen) > 1:
                raise SharedSessionError(SHARED)


def _session_with_lock(own: "psycopg.Connection[object]", key: int) -> object:
    query = "SELECT pg_backend_pid(), pg_try_advisory_lock(%s, %s)"
    row = own.execute(query, [PROBE, key]).fetchone()
    return row[0] if isinstance(row, tuple) else None


def _gets(other: "psycopg.Connection[object]", key: int) -> bool:
    """A lock that another session holds is refused; the same session gets it twice."""
    row = other.execute("SELECT pg_try_advisory_lock(%s, %s)", [PROBE, key]).fetchone()
    return isinstance(row, tuple) and row[0] is True

"""A Postgres of its own with the settings of a real one: it can be stopped, killed, cut off, full, and held at a checkpoint."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psycopg
from django.db import Error, connection

from infrallm_portal.dev.devdb import Cluster
from provisioning.requests.leases import IN_WORK

Value = TypeVar("Value")
GATE = 0xC4A0  # the first of the advisory lock's two keys; the second says before which state
PATIENCE_SECONDS = 120.0

# A request of the requester "held" waits before the commit of a state; a table named in chaos_full is full.
PREPARE = f"""
CREATE TABLE chaos_full (name text);
CREATE FUNCTION chaos_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM chaos_full WHERE name = TG_TABLE_NAME) THEN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION chaos_gate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.requester = 'held' AND NEW.status <> OLD.status THEN
        PERFORM pg_advisory_xact_lock_shared({GATE}, hashtext(NEW.status));
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER chaos_gate BEFORE UPDATE ON provisioning_provisionrequest FOR EACH ROW EXECUTE FUNCTION chaos_gate();
CREATE TRIGGER chaos_full BEFORE UPDATE ON provisioning_provisionrequest FOR EACH ROW EXECUTE FUNCTION chaos_full();
CREATE TRIGGER chaos_full BEFORE INSERT ON django_q_task FOR EACH ROW EXECUTE FUNCTION chaos_full();
"""

SHIFT = """
UPDATE provisioning_provisionrequest SET lease_until = lease_until - %(by)s * interval '1 second',
    wake_at = wake_at - %(by)s * interval '1 second' WHERE status NOT IN ('completed', 'failed');
UPDATE django_q_ormq SET lock = lock - %(by)s * interval '1 second';
"""

BUSY = """
SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND granted
"""


CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND NOT granted)"

Values = Sequence[int | str] | Mapping[str, float] | None


class Database:
    def __init__(self, folder: Path) -> None:
        self.cluster = Cluster(folder / "postgres", ("max_connections=60",))
        self.url = self.cluster.url()
        self._holder: psycopg.Connection[tuple[object]] | None = None

    def start(self) -> None:
        self.postmaster = self.cluster.start()

    def stop(self) -> None:
        self.cluster.stop()

    def restart(self, pause: float = 0) -> None:
        self.stop()
        time.sleep(pause)
        self.start()

    def kill(self) -> None:
        """The machine's memory is spared: what was committed is with the kernel."""
        os.kill(self.postmaster, signal.SIGKILL)
        again(lambda: not Path(f"/proc/{self.postmaster}/cwd").exists())
        self.start()

    def kill_a_backend(self) -> None:
        """Postgres then throws out all sessions and recovers."""
        (pid,) = again(
            lambda: one(
                "SELECT min(pid) FROM pg_stat_activity WHERE application_name LIKE 'queue-%'"
            )
        )
        os.kill(int(str(pid)), signal.SIGKILL)

    def cut(self) -> None:
        run(CUT)

    def set_clock(self, forward: float) -> None:
        """As Postgres sees it: all instants that it compares with its clock move the other way."""
        run(SHIFT, {"by": forward})

    @contextmanager
    def full(self, table: str) -> Iterator[None]:
        run("INSERT INTO chaos_full VALUES (%s)", [table])
        try:
            yield
        finally:
            run("DELETE FROM chaos_full")

    # --- the checkpoint before the commit of a state

    def hold(self, status: str) -> None:
        self._holder = psycopg.connect(self.url, autocommit=True)
        self._holder.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", [GATE, status])

    def reached(self) -> bool:
        return (
            one(
                "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND NOT granted)",
                [GATE],
            )[0]
            is True
        )

    def let_go(self) -> None:
        if self._holder:
            with suppress(psycopg.Error):
                self._holder.close()
        self._holder = None

    def busy_pid(self, row: int) -> int:
        """Of the worker process that holds the request."""
        (name,) = again(lambda: one(BUSY, [IN_WORK, row]))
        return int(str(name).split()[1])


def run(query: str, values: Values = None) -> None:
    def execute() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(query, values)
        return True

    again(execute)


def one(query: str, values: Values = None) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        found: tuple[object, ...] = cursor.fetchone() or ()
        return found


def again(function: Callable[[], Value]) -> Value:
    """As a client would: until Postgres answers, and with something."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if value := function():
                return value
        except Error:
            connection.close()
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not within {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.01)

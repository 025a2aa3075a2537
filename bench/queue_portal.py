"""The portal that bench/queue.py measures, and what is counted there."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from infrallm_portal.dev.devdb import FAST_STOP, Cluster
from infrallm_portal.dev.watchdog import Watchdog
from tests.support import own_settings


@contextmanager
def portal(folder: Path, settings: tuple[str, ...] = ()) -> Iterator[Cluster]:
    cluster, watchdog = Cluster(folder / "postgres", settings), Watchdog()
    watchdog.guard(cluster.start(), FAST_STOP)
    own_settings.use(folder, cluster.url())
    from django.core.management import call_command

    try:
        call_command("migrate", verbosity=0)
        yield cluster
    finally:
        cluster.stop()
        watchdog.dismiss()


def queue_is_empty() -> bool:
    return not one("SELECT EXISTS (SELECT FROM django_q_ormq)")


def until_finished(count: int) -> tuple[float, int]:
    """The instant and how many it were; looks seldom, so that looking costs nothing."""
    while (done := finished()) < count:
        time.sleep(0.5)
    return time.monotonic(), done


def finished() -> int:
    return one("SELECT count(*) FROM provisioning_provisionrequest WHERE status = 'completed'")


def queries(folder: Path) -> int:
    log = (folder / "postgres" / "server.log").read_text(errors="replace")
    return log.count("LOG:  statement: ") + log.count("LOG:  execute ")


def one(query: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def postgres() -> list[int]:
    """The server's sessions."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity")
        return [pid for (pid,) in cursor.fetchall()]


def cpu_seconds(pids: Iterable[int]) -> float:
    """Of those that still run."""
    ticks = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")

"""The queue on an idle machine: pick-up, throughput, cost of idling, and 10,000 requests at once.

    python -m bench.queue [--only pick_up|tasks|requests|idle|many]

Real `manage.py worker` processes on a Postgres of its own with its usual settings. Prints each figure with its bar.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.queue_portal import (
    cpu_seconds,
    portal,
    postgres,
    queries,
    queue_is_empty,
    until_finished,
)

TASKS, REQUESTS, MANY = 5000, 2000, 10_000
PICK_UPS = 200
IDLE_SECONDS = 30.0
OUTSIDE_SECONDS = 0.05


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=list(PARTS))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="infrallm-bench-") as place, portal(Path(place)):
        for name, part in PARTS.items():
            if chosen.only in (None, name):
                part(Path(place))


def pick_up(folder: Path) -> None:
    from django_q.tasks import async_task

    from tests.support.worker_process import WorkerProcess, wait_until

    log = folder / "waited"
    with WorkerProcess():
        for _ in range(PICK_UPS):
            time.sleep(random.uniform(0.15, 0.45))
            async_task("bench.queue_tasks.say_when", str(log), time.monotonic())
        wait_until(queue_is_empty, "all are done")
    waited = sorted(1000 * float(line) for line in log.read_text().splitlines())
    p99 = waited[-(-99 * len(waited) // 100) - 1]
    say(
        f"pick-up from enqueue to first line: p50 {statistics.median(waited):.1f} ms (bar 15), p99 {p99:.1f} ms (bar 60)"
    )


def tasks(_: Path) -> None:
    from django_q.tasks import async_task

    seen = throughput(
        TASKS, lambda: [async_task("bench.queue_tasks.nothing") for _ in range(TASKS)]
    )
    say(f"no-op tasks, 2 processes of 2 workers: {seen} (bar 400 per second)")


def requests(_: Path) -> None:
    seen = throughput(REQUESTS, lambda: enqueue_requests(REQUESTS, 0.0))
    say(f"requests through claim and three states: {seen} (bar 100 per second)")


def idle(folder: Path) -> None:
    """Postgres itself writes down each query that it is sent."""
    from django.db import connection

    from tests.support.worker_process import WorkerProcess

    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET log_statement = 'all'")
        cursor.execute("SELECT pg_reload_conf()")
    with WorkerProcess() as worker:
        time.sleep(5)  # its beginning is not idleness
        before, cpu = queries(folder), cpu_seconds(worker.members())
        time.sleep(IDLE_SECONDS)
        rate = (queries(folder) - before) / IDLE_SECONDS
        share = 100 * (cpu_seconds(worker.members()) - cpu) / IDLE_SECONDS
    say(f"an idle worker: {rate:.1f} queries per second (bar 3), {share:.2f} % of a core (bar 0.5)")
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM RESET log_statement")
        cursor.execute("SELECT pg_reload_conf()")


def many(_: Path) -> None:
    from provisioning.models import ProvisionRequest
    from tests.support.worker_process import WorkerProcess

    ProvisionRequest.objects.all().delete()
    with ExitStack() as stack:
        for _process in range(2):
            stack.enter_context(WorkerProcess("--lane", "provisioning=2"))
        enqueue_requests(MANY, OUTSIDE_SECONDS)
        started = time.monotonic()
        half, done = until_finished(MANY // 2)
        stack.enter_context(WorkerProcess("--lane", "provisioning=2"))
        third, joined = until_finished(0)
        ended, _all = until_finished(MANY)
    twice = ProvisionRequest.objects.exclude(attempt=1).count()
    say(
        f"{MANY} requests that wait {1000 * OUTSIDE_SECONDS:.0f} ms outside: all done, {twice} twice; "
        f"{done / (half - started):.0f} per second with two processes, {(MANY - joined) / (ended - third):.0f} with three"
    )


@dataclass(frozen=True, slots=True)
class Throughput:
    rate: float
    cost: float

    def __str__(self) -> str:
        return f"{self.rate:.0f} per second, {self.cost:.1f} ms of processor time each"


def throughput(count: int, enqueue: Callable[[], object]) -> Throughput:
    """From the one commit of all until the queue is empty. The processor's time, of workers and Postgres, tells what a machine
    that is busy with other things would have done alone."""
    from django.db import transaction

    from tests.support.worker_process import WorkerProcess, wait_until

    two = WorkerProcess("--lane", "provisioning=2"), WorkerProcess("--lane", "provisioning=2")
    with two[0], two[1]:
        with transaction.atomic():
            enqueue()
        analyze()
        pids = [*two[0].members(), *two[1].members(), *postgres()]
        started, cpu = time.monotonic(), cpu_seconds(pids)
        wait_until(queue_is_empty, "all are done", 300)
        rate = count / (time.monotonic() - started)
        cost = 1000 * (cpu_seconds(pids) - cpu) / count
    return Throughput(rate, cost)


def analyze() -> None:
    """As autovacuum does within a minute, and `pgbench -i` for its own tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def enqueue_requests(count: int, outside: float) -> None:
    """Each of a requester of its own; the queue sees all of them at once."""
    from django.db import transaction
    from django_q.tasks import async_task

    from provisioning.models import ProvisionRequest
    from provisioning.queue.broker import PostgresBroker

    with transaction.atomic():
        rows = [
            ProvisionRequest(text="bench", requester=f"bench-{number}") for number in range(count)
        ]
        for row in ProvisionRequest.objects.bulk_create(rows):
            broker = PostgresBroker(subject=row.request_id)
            async_task("bench.queue_tasks.pass_through", row.request_id, outside, broker=broker)


def say(line: str) -> None:
    print(line, flush=True)


PARTS: dict[str, Callable[[Path], None]] = {
    "pick_up": pick_up,
    "tasks": tasks,
    "requests": requests,
    "idle": idle,
    "many": many,
}

if __name__ == "__main__":
    main()

"""Real processes on a real Postgres: what dies, what ends, what goes on. The long form is in tests/chaos."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from django_q.tasks import async_task

from provisioning import wiring
from provisioning.domain import Submission
from provisioning.models import ProvisionRequest, PullRequest
from provisioning.queue import liveness
from provisioning.queue.broker import PostgresBroker
from provisioning.queue.clock import CLOCK
from provisioning.queue.sentinel import DIED
from provisioning.requests import services
from provisioning.requests.leases import IN_WORK
from tests.support.nursery import Nursery
from tests.support.worker_process import WorkerProcess, surroundings, wait_until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("workers"),  # one nursery
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        sys.platform != "linux", reason="children die with their parent on Linux only"
    ),
]


@pytest.fixture(scope="module", autouse=True)
def _nursery(django_db_setup: None) -> Iterator[None]:
    with Nursery(surroundings()) as WorkerProcess.nursery:
        yield
    WorkerProcess.nursery = None


class Log:
    """What the tasks of one test did; see tests/support/queue_tasks.py."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def enqueue(self, function: str, word: str, lane: str = "provisioning", **options: int) -> None:
        broker = PostgresBroker(lane)
        async_task(
            f"tests.support.queue_tasks.{function}", str(self.path), word, broker=broker, **options
        )

    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []

    def count(self, start: str) -> int:
        return sum(line.startswith(start) for line in self.lines())

    def wait_for(self, start: str, times: int = 1) -> str:
        wait_until(lambda: self.count(start) >= times, f"{start!r} {times} times in {self.lines()}")
        return next(line for line in reversed(self.lines()) if line.startswith(start))

    def pid_of(self, word: str) -> int:
        return int(self.wait_for(f"{word} began").split()[-1])

    def let_go(self) -> None:
        Path(f"{self.path}.go").touch()


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "log")


def queue_is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT FROM django_q_ormq)")
        return bool(cursor.fetchone()[0])


def claims() -> int:
    return sum(lane.running for lane in liveness.lanes_now())


def test_a_task_runs_once_and_is_gone_from_the_queue(log: Log) -> None:
    with WorkerProcess():
        log.enqueue("note", "hello")
        wait_until(queue_is_empty, "the task is acknowledged")
    assert log.lines() == ["hello"]


@pytest.mark.parametrize("role", ["monitor", "pusher", "clock"])
def test_the_death_of_any_child_ends_the_worker_with_a_code_and_leaves_nothing_behind(
    role: str, log: Log
) -> None:
    log.enqueue("hold", "task")
    with WorkerProcess("--stop-within", "1") as worker:
        log.wait_for("task began")
        worker.kill(role)
        assert worker.exit_code() == DIED
        assert worker.members() == {}
    assert claims() == 0


def test_the_death_of_an_idle_worker_ends_the_process_at_once(log: Log) -> None:
    with WorkerProcess() as worker:
        worker.kill("worker")
        assert worker.exit_code() == DIED
    assert "died unexpectedly (-9)" in worker.log()


def test_a_killed_workers_task_is_free_at_once_while_its_neighbour_finishes(log: Log) -> None:
    log.enqueue("hold", "victim")
    log.enqueue("hold", "neighbour", lane="reconcile")
    with WorkerProcess() as worker, WorkerProcess("--lane", "provisioning=1"):
        neighbour = log.pid_of("neighbour")
        victim = log.pid_of("victim")
        if victim not in worker.members():
            pytest.skip("both tasks went to different processes")
        os.kill(victim, signal.SIGKILL)
        log.wait_for("victim began", times=2)
        assert neighbour in worker.members()
        log.let_go()
        assert worker.exit_code() == DIED
        wait_until(queue_is_empty, "both tasks are done")
    assert (
        log.count("neighbour began")
        == log.count("neighbour ended")
        == log.count("victim ended")
        == 1
    )


def test_a_kill_of_the_main_process_leaves_no_orphan_and_its_tasks_to_others(log: Log) -> None:
    with WorkerProcess() as worker:
        log.enqueue("hold", "task")
        log.wait_for("task began")
        worker.process.kill()
        wait_until(lambda: not worker.members(), "no orphan is left")
    with WorkerProcess():
        log.wait_for("task began", times=2)
        log.let_go()
        wait_until(queue_is_empty, "the task is done")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("to_group", [False, True], ids=["to the process", "to its group"])
def test_a_wanted_stop_finishes_what_runs_and_leaves_the_rest_queued(
    log: Log, to_group: bool, number: signal.Signals
) -> None:
    for word in ("a", "b", "c", "d"):
        log.enqueue("hold", word)
    with WorkerProcess("--lane", "provisioning=2") as worker:
        wait_until(lambda: len(log.lines()) == 2, "two tasks run")
        (os.killpg if to_group else os.kill)(worker.process.pid, number)
        wait_until(lambda: not worker.pids("pusher"), "nothing more is taken")
        log.let_go()
        assert worker.exit_code() == 0, worker.log()
    assert sorted(line.split()[0] for line in log.lines()) == ["a", "a", "b", "b"]
    assert claims() == 0
    assert not queue_is_empty()


def test_a_task_that_outlasts_the_stop_is_given_back(log: Log) -> None:
    log.enqueue("hold", "long")
    with WorkerProcess("--stop-within", "0.5") as worker:
        log.wait_for("long began")
        worker.process.terminate()
        assert worker.exit_code() == 0, worker.log()
    assert claims() == 0
    assert not queue_is_empty()


def test_a_request_that_kills_its_workers_fails_in_words_and_stops_no_other(
    portal: Callable[..., None], tmp_path: Path
) -> None:
    """It dies while it waits for Claude, who never answers; the other one was read before."""
    portal(request_max_attempts=2)
    other = Submission("staging S3 bucket for logs", "bea")
    poison = services.submit(Submission("staging S3 bucket for poison", "ana"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        claude = {
            "ANTHROPIC_API_KEY": "a key for nobody",
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "PARSER": "claude",
        }
        with WorkerProcess(
            "--restart", "--lane", "provisioning=1", DATA_DIR=str(tmp_path), **claude
        ):
            os.kill(busy_with(poison, 1), signal.SIGKILL)
            good = services.submit(
                other, preview=services.keep_preview(other, services.preview(other), None)
            )
            os.kill(busy_with(poison, 2), signal.SIGKILL)
            for row in (good, poison):
                wait_until(lambda row=row: ended(row), f"{row.text} ends")  # type: ignore[misc]
    assert (good.status, good.error) == ("completed", "")
    assert (poison.status, poison.error_code) == ("failed", "internal_error")
    assert "stopped 2 times" in poison.error


def ended(row: ProvisionRequest) -> bool:
    row.refresh_from_db()
    return row.finished


def busy_with(row: ProvisionRequest, attempt: int) -> int:
    """The process whose session holds the request in this attempt."""
    query = """
        SELECT application_name FROM pg_locks
        JOIN pg_stat_activity USING (pid)
        JOIN provisioning_provisionrequest ON objid = id::oid
        WHERE locktype = 'advisory' AND classid = %s AND id = %s AND attempt = %s
    """

    def holder() -> str:
        with connection.cursor() as cursor:
            cursor.execute(query, [IN_WORK, row.pk, attempt])
            found = cursor.fetchone()
        return str(found[0]) if found else ""

    return int(wait_until(holder, "a worker has it").split()[1])


def test_with_restart_a_lone_worker_comes_back_whatever_died(log: Log) -> None:
    with WorkerProcess("--restart") as worker:
        for number, role in enumerate(("worker", "monitor", "sentinel")):
            sentinel = worker.pids("sentinel")[0]
            worker.kill(role)
            wait_until(
                lambda gone=sentinel: gone not in worker.members(),  # type: ignore[misc]
                f"the old sentinel is gone after the {role}",
            )
            log.enqueue("note", f"task {number}")
            log.wait_for(f"task {number}")
        worker.process.terminate()
        assert worker.exit_code() == 0, worker.log()


def test_an_idle_worker_that_hangs_ends_the_process(log: Log) -> None:
    with WorkerProcess("--hung-after", "4", "--stop-within", "1") as worker:
        os.kill(worker.pids("worker")[0], signal.SIGSTOP)
        assert worker.exit_code() == DIED
    assert "gives no sign of life" in worker.log()


def test_a_busy_worker_that_is_stopped_gives_its_task_to_another(log: Log) -> None:
    log.enqueue("hold", "task")
    with WorkerProcess("--restart", "--hung-after", "4", "--stop-within", "1") as worker:
        os.kill(log.pid_of("task"), signal.SIGSTOP)
        log.wait_for("task began", times=2)
        log.let_go()
        wait_until(queue_is_empty, "the task is done")
        worker.process.terminate()
        assert worker.exit_code() == 0, worker.log()


def test_all_children_stopped_at_once_are_replaced_and_not_called_alive_meanwhile(log: Log) -> None:
    with WorkerProcess("--restart", "--hung-after", "20", "--stop-within", "1") as worker:
        stopped = [pid for pid in worker.members() if pid != worker.process.pid]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        wait_until(lambda: not any(one.alive for one in liveness.workers_alive()), "none is alive")
        wait_until(lambda: not set(stopped) & set(worker.members()), "they are gone")
        log.enqueue("note", "after")
        log.wait_for("after")


@pytest.mark.parametrize("function", ["fail", "return_a_lock"])
def test_a_task_that_ends_badly_is_not_repeated(function: str, log: Log) -> None:
    with WorkerProcess():
        log.enqueue(function, "once")
        wait_until(queue_is_empty, "the task is acknowledged")
    assert log.lines() == ["once"]


def test_a_task_deaf_to_its_time_limit_is_killed(log: Log) -> None:
    with WorkerProcess() as worker:
        log.enqueue("swallow_everything", "deaf", timeout=1)
        assert worker.exit_code() == DIED
    assert "did not end at its time limit" in worker.log()


def test_the_lanes_do_not_starve_each_other(log: Log) -> None:
    for number in range(5):
        log.enqueue("hold", f"held {number}")
    with WorkerProcess():
        log.wait_for("held")
        log.enqueue("note", "reconciled", lane="reconcile")
        log.enqueue("note", "maintained", lane="maintenance")
        log.wait_for("reconciled")
        log.wait_for("maintained")


def test_lost_sessions_are_made_again_and_nothing_is_repeated(log: Log) -> None:
    with WorkerProcess() as worker:
        log.enqueue("hold", "running")
        log.wait_for("running began")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        log.enqueue("note", "next")
        log.wait_for("next")
        log.let_go()
        wait_until(queue_is_empty, "all is acknowledged")
        assert worker.process.poll() is None, worker.log()
    assert log.count("running began") == 1


def test_the_liveness_file_is_touched_while_all_is_well_and_gone_afterwards(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    with WorkerProcess("--liveness-file", str(alive)) as worker:
        wait_until(alive.exists, "the file is there")
        first = alive.stat().st_mtime_ns
        wait_until(lambda: alive.stat().st_mtime_ns > first, "the file is touched again")
        worker.process.terminate()
        assert worker.exit_code() == 0
    assert not alive.exists()


def test_a_worker_beats_while_it_is_busy(log: Log) -> None:
    with WorkerProcess("--lane", "provisioning=1"):
        log.enqueue("hold", "busy")
        log.wait_for("busy began")
        (worker,) = liveness.workers_alive()
        seen = time.monotonic()
        wait_until(
            lambda: liveness.workers_alive()[0].beat_seconds < time.monotonic() - seen,
            "it has beaten since",
        )
        assert worker.running == 1
        assert time.time() >= worker.alive_since.timestamp()


def test_one_process_keeps_the_clock_and_another_goes_on_when_it_dies() -> None:
    def clocks() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
                "WHERE locktype = 'advisory' AND classid = %s AND datname = current_database()",
                [CLOCK],
            )
            return int(cursor.fetchone()[0])

    with WorkerProcess() as first:
        wait_until(clocks, "the clock is kept")
        with WorkerProcess():
            assert clocks() == 1
            first.process.kill()
            wait_until(lambda: not first.members() and clocks() == 1, "the other one keeps it")


def end_session_of_the_clock() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON "
            "pg_database.oid = database WHERE locktype = 'advisory' AND classid = %s "
            "AND datname = current_database()",
            [CLOCK],
        )


def test_each_session_of_the_clock_begins_with_a_look_at_every_pull_request() -> None:
    """Its first one follows days without a worker, and each other one a Postgres that was away."""
    row = ProvisionRequest.objects.create(text="bucket", requester="ana", status="completed")
    pull = PullRequest.objects.create(
        provision_request=row, repository=wiring.repository(), number=7, url="http://x/pulls/7"
    )

    def is_looked_at_in_days() -> bool:
        pull.refresh_from_db()
        return bool(pull.look_at and pull.look_at > timezone.now() + timedelta(days=1))

    def make_it_late() -> None:
        PullRequest.objects.update(look_at=timezone.now() + timedelta(days=3))

    make_it_late()
    with WorkerProcess():
        wait_until(lambda: not is_looked_at_in_days(), "the first session looks")
        make_it_late()
        end_session_of_the_clock()
        wait_until(lambda: not is_looked_at_in_days(), "the next one looks")

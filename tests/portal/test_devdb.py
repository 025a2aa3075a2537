"""The embedded Postgres: starts from nothing, survives what happens to it, and goes when it is told to."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from infrallm_portal.dev.devdb import UNSAFE_FAST, Cluster
from tests.support.waiting import until

pytestmark = [pytest.mark.run, pytest.mark.xdist_group("devdb")]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="infrallm-devdb-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def cluster(folder: Path) -> Iterator[Cluster]:
    """One folder for all tests of this module, stopped before and after each of them."""
    made = Cluster(folder / "postgres", UNSAFE_FAST)
    yield made
    made.stop()


def answer(cluster: Cluster, question: str) -> object:
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        cursor = connection.execute(question.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def gone(pid: int) -> bool:
    """A zombie counts as gone: only its parent's look is missing."""
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z"


def test_it_starts_from_an_empty_folder_and_keeps_its_data(cluster: Cluster) -> None:
    cluster.start()
    answer(cluster, "CREATE TABLE kept AS SELECT 42 AS number")
    cluster.stop()
    cluster.start()
    assert answer(cluster, "SELECT number FROM kept") == 42


def test_it_speaks_utf8_and_sorts_the_same_everywhere(cluster: Cluster) -> None:
    cluster.start()
    assert answer(cluster, "SHOW server_encoding") == "UTF8"
    assert (
        answer(cluster, "SELECT datcollate FROM pg_database WHERE datname = 'postgres'")
        == "C.UTF-8"
    )


def test_it_listens_on_no_network_address(cluster: Cluster) -> None:
    cluster.start()
    assert answer(cluster, "SHOW listen_addresses") == ""
    assert cluster.folder.stat().st_mode & 0o077 == 0


def test_four_starts_at_once_give_one_server(cluster: Cluster) -> None:
    with ThreadPoolExecutor(4) as pool:
        pids = set(pool.map(lambda _: cluster.start(), range(4)))
    assert len(pids) == 1


def test_it_comes_back_after_kill_9_of_the_server(cluster: Cluster) -> None:
    pid = cluster.start()
    os.kill(pid, signal.SIGKILL)
    until(lambda: gone(pid))
    assert cluster.start() != pid
    assert answer(cluster, "SELECT 1") == 1


def test_a_stale_pid_that_belongs_to_somebody_else_is_left_alone(cluster: Cluster) -> None:
    """As after a restart of a container, where low process numbers repeat."""
    pid = cluster.start()
    state = (cluster.folder / "postmaster.pid").read_text()
    cluster.stop()
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        (cluster.folder / "postmaster.pid").write_text(
            state.replace(str(pid), str(stranger.pid), 1)
        )
        cluster.start()
        assert answer(cluster, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.communicate(b"\n")


def test_a_folder_with_a_long_path_gets_a_short_socket(folder: Path) -> None:
    cluster = Cluster(folder / ("long" * 25) / "postgres", UNSAFE_FAST)
    try:
        cluster.start()
        assert len(str(cluster.socket_folder)) < 90
        assert answer(cluster, "SELECT 1") == 1
    finally:
        cluster.stop()
        shutil.rmtree(cluster.socket_folder)


def test_a_path_with_blanks_and_quotes_works(folder: Path) -> None:
    cluster = Cluster(folder / "a 'b' \"c\" é" / "postgres", UNSAFE_FAST)
    try:
        cluster.start()
        assert answer(cluster, "SELECT 1") == 1
    finally:
        cluster.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run Postgres as somebody else")
def test_root_needs_no_open_parent_folder(cluster: Cluster) -> None:
    cluster.folder.parent.chmod(0o700)
    pid = cluster.start()
    assert Path(f"/proc/{pid}").stat().st_uid != 0
    assert cluster.folder.parent.stat().st_mode & 0o777 == 0o700


def test_the_watchdog_stops_it_when_its_owner_is_killed(cluster: Cluster) -> None:
    owner = """
import sys
from pathlib import Path
from infrallm_portal.dev.devdb import FAST_STOP, Cluster
from infrallm_portal.dev.watchdog import Watchdog
watchdog = Watchdog()
pid = Cluster(Path(sys.argv[1])).start()
watchdog.guard(pid, FAST_STOP)
print(pid, flush=True)
sys.stdin.read()
"""
    command = [sys.executable, "-c", owner, str(cluster.folder)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        pid = int(process.stdout.readline())
        process.kill()
    until(lambda: gone(pid))
    assert not (cluster.folder / "postmaster.pid").exists()

"""`manage.py dev`, which is `make run`: real processes, from the first start to kill -9."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from infrallm_portal import PROJECT
from infrallm_portal.environment import NAMES
from tests.waiting import until

pytestmark = [pytest.mark.run, pytest.mark.xdist_group("dev")]

READY = "Ctrl-C stops it."
COMMAND = [sys.executable, str(PROJECT / "manage.py"), "dev"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def processes_of(folder: Path) -> set[int]:
    """All that belong to this data folder: by environment, command line or working directory; zombies do not count."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            known = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            if str(folder).encode() in known + os.fsencode((entry / "cwd").readlink()):
                found.add(int(entry.name))
        except OSError:
            continue
    return found - {os.getpid()}


@dataclass
class Portal:
    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def said(self) -> str:
        return self.output.read_text()

    def ready(self) -> None:
        until(lambda: READY in self.said or self.process.poll() is not None, patience=120)
        assert READY in self.said, self.said

    def page(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()

    def left(self) -> set[int]:
        return processes_of(self.folder)


def environment(folder: Path, **changed: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in NAMES}
    return {**inherited, "ENV_FILE": os.devnull, "DATA_DIR": str(folder), **changed}


@contextmanager
def portal(folder: Path, command: list[str] = COMMAND, **changed: str) -> Iterator[Portal]:
    port = int(changed.setdefault("PORT", str(free_port())))
    output = folder / "said.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            command, env=environment(folder, **changed), stdout=file, stderr=file, start_new_session=True
        )
    started = Portal(folder, port, process, output)
    try:
        yield started
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        until(lambda: not started.left())


def refused(folder: Path, **changed: str) -> str:
    done = subprocess.run(
        COMMAND, env=environment(folder, **changed), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="infrallm-dev-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def first_run(folder: Path) -> str:
    """What the first run has said, from its start to the end that SIGTERM gave it."""
    with portal(folder) as started:
        started.ready()
        assert started.page("/login")[0] == 200
        started.process.terminate()
        assert started.process.wait(60) == 0
        assert not started.left()
        return started.said


def test_the_first_run_makes_an_administrator_and_says_the_password_once(first_run: str) -> None:
    assert len(re.findall(r"Sign in as admin with the password \S{16}", first_run)) == 1


def test_the_first_run_shows_a_request_on_its_whole_way(first_run: str) -> None:
    stages = re.findall(r"^ +\d+\.\d s  (.*?)  ", first_run, re.MULTILINE)
    assert stages == [
        "Queued",
        "Understanding",
        "Writing Terraform",
        "Opening the pull request",
        "Pull request opened",
    ]
    assert re.search(r"^Request: +http://127\.0\.0\.1:\d+/requests/req-[0-9a-f]{12}$", first_run, re.MULTILINE)
    assert re.search(r"^Pull request: +http://127\.0\.0\.1:\d+/pulls/1$", first_run, re.MULTILINE)


def test_the_first_run_says_nothing_that_looks_like_trouble(first_run: str) -> None:
    assert not re.search(r"error|warning|traceback", first_run, re.IGNORECASE)


def test_the_second_run_finds_its_data_refuses_a_third_and_tells_when_one_of_its_processes_dies(
    first_run: str, folder: Path
) -> None:
    request_id = re.findall(r"req-[0-9a-f]{12}", first_run)[-1]
    with portal(folder) as started:
        started.ready()
        assert "password" not in started.said
        assert "first request" not in started.said
        assert '"completed"' in started.page(f"/api/v1/requests/{request_id}/status")[1]
        message = refused(folder, PORT=str(free_port()))
        assert f"A portal runs already with the data in {folder} (process {started.process.pid})." in message
        assert started.page("/login")[0] == 200
        web = [pid for pid in started.left() if b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        os.kill(min(web), signal.SIGKILL)
        assert started.process.wait(60) == 1
        assert "The web process ended (-9)" in started.said
        assert not started.left()


def test_a_terminal_closed_during_the_start_ends_everything(first_run: str, folder: Path) -> None:
    with portal(folder) as started:
        until((folder / "postgres" / "postmaster.pid").exists)
        os.killpg(started.process.pid, signal.SIGHUP)
        assert started.process.wait(60) == 0
        assert not started.left()


def test_kill_9_leaves_nothing_and_its_successor_starts_and_ends_with_ctrl_c(first_run: str, folder: Path) -> None:
    with portal(folder) as started:
        started.ready()
        assert len(started.left()) > 5
        started.process.kill()
        started.process.wait()
        with portal(folder) as successor:
            successor.ready()
            os.killpg(successor.process.pid, signal.SIGINT)  # as a terminal does: to the whole foreground group
            assert successor.process.wait(60) == 0
            assert not successor.left()


def test_it_ends_with_the_make_that_started_it(first_run: str, folder: Path) -> None:
    parent = [sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])", *COMMAND, "--with-parent"]
    with portal(folder, parent) as started:
        started.ready()
        started.process.kill()
        until(lambda: not started.left())


def test_a_taken_port_is_one_line(first_run: str, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        message = refused(folder, PORT=str(port))
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use." in message
    assert f"PORT={port + 1}" in message


def test_an_unreachable_database_is_one_line(folder: Path) -> None:
    message = refused(folder, PORT=str(free_port()), DATABASE_URL="postgresql://u:geheim@127.0.0.1:1/nothing")
    assert "DATABASE_URL: the database cannot be used" in message
    assert "geheim" not in message

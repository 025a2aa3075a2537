"""The whole portal as `manage.py dev` starts it, which is `make run`, and one such portal that several modules share."""

import os
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
from infrallm_portal.configuration import NAMES
from tests.support.waiting import until

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

    def end(self, number: signal.Signals) -> None:
        """SIGTERM comes from a supervisor, to the process; the others from a terminal, to its whole group. A second call
        changes nothing."""
        if self.process.poll() is None:
            (os.kill if number is signal.SIGTERM else os.killpg)(self.process.pid, number)
        assert self.process.wait(60) == 0
        assert not self.left()


def environment(folder: Path, **changed: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in NAMES}
    return {
        **inherited,
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(folder),
        "TERRAFORM_BINARY": "off",
        **changed,
    }


@contextmanager
def running(folder: Path, command: list[str] = COMMAND, **changed: str) -> Iterator[Portal]:
    """Started, and not yet ready."""
    port = int(changed.setdefault("PORT", str(free_port())))
    output = folder / "said.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            command,
            env=environment(folder, **changed),
            stdout=file,
            stderr=file,
            start_new_session=True,
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
    """The one line of a portal that does not start."""
    done = subprocess.run(
        COMMAND,
        env=environment(folder, **changed),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture(scope="session")
def first_portal() -> Iterator[Portal]:
    """Started in an empty folder and ready. Modules that use it are of one xdist group; `test_stops_and_starts` ends it."""
    folder = Path(tempfile.mkdtemp(prefix="infrallm-first-"))
    with running(folder) as portal:
        portal.ready()
        yield portal
    shutil.rmtree(folder)

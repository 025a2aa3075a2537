"""A real `manage.py worker` for tests, in a process group of its own, on the test's database."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Self, TypeVar
from urllib.parse import urlsplit

from django.db import connection

from provisioning.queue import liveness
from tests.support.nursery import Forked, Nursery

Value = TypeVar("Value")
PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0


def wait_until(
    condition: Callable[[], Value], what: str, seconds: float = PATIENCE_SECONDS
) -> Value:
    """What the condition gave when it first held."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"Not within {seconds:.0f} s: {what}")
        time.sleep(0.02)
    return value


class WorkerProcess:
    nursery: ClassVar[Nursery | None] = (
        None  # where there is one, workers that need no variables come from it
    )

    def __init__(self, *options: str, **variables: str) -> None:
        self.options = options
        self.variables = variables
        self.output = tempfile.TemporaryFile("w+")  # noqa: SIM115

    def __enter__(self) -> Self:
        before = len(liveness.workers_alive())
        self.process = self._started()
        try:
            wait_until(
                lambda: self.process.poll() is not None or len(liveness.workers_alive()) > before,
                "the worker is up",
            )
            assert self.process.poll() is None, self.log()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _started(self) -> subprocess.Popen[bytes] | Forked:
        if self.nursery and not self.variables:
            return self.nursery.start(self.options, self.output)
        command = [sys.executable, "manage.py", "worker", *self.options]
        environment = surroundings() | self.variables
        return subprocess.Popen(
            command,
            cwd=PROJECT,
            env=environment,
            stdout=self.output,
            stderr=self.output,
            start_new_session=True,
        )

    def __exit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        wait_until(lambda: not self.members(), "the whole group is gone")
        self.last_words = self.log()
        self.output.close()

    def log(self) -> str:
        """What the process has written until now, or until its end."""
        if self.output.closed:
            return self.last_words
        self.output.seek(0)
        return self.output.read()

    def members(self) -> dict[int, str]:
        return members(self.process.pid)

    def pids(self, role: str) -> list[int]:
        return [pid for pid, name in self.members().items() if name == f"queue-{role}"]

    def kill(self, role: str) -> None:
        os.kill(self.pids(role)[0], signal.SIGKILL)

    def exit_code(self) -> int:
        return self.process.wait(PATIENCE_SECONDS)


def surroundings() -> dict[str, str]:
    """The environment of a process that works on the test's database."""
    address = (
        urlsplit(os.environ["DATABASE_URL"])
        ._replace(path=f"/{connection.settings_dict['NAME']}")
        .geturl()
    )
    return os.environ | {"DATABASE_URL": address, "LOG_LEVEL": "WARNING"}


def members(group: int) -> dict[int, str]:
    """Pid and name of all living processes of the group."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            head, _, tail = status.read_text().rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, _, its_group = tail.split()[:3]
        if int(its_group) == group and state != "Z":
            found[int(head.split(" ")[0])] = head.partition("(")[2]
    return found

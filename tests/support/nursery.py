"""Worker processes that need not import Django first: forked from a process that has what `manage.py worker` imports.

A second of processor time less for each of some twenty tests. A forked worker becomes the child of the test's process,
which reads its exit code. Linux only.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import IO, Any, Self

from tests.support.waiting import until

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class Forked:
    """What a test needs of subprocess.Popen."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.code: int | None = None

    def poll(self) -> int | None:
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if pid else None
        return self.code

    def wait(self, timeout: float = 60.0) -> int:
        until(lambda: self.poll() is not None, timeout)
        assert self.code is not None
        return self.code

    def terminate(self) -> None:
        os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


class Nursery:
    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def __enter__(self) -> Self:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.nursery"],
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()

    def start(self, arguments: Sequence[str], output: IO[str]) -> Forked:
        assert self.process.stdin
        assert self.process.stdout
        order = {"arguments": arguments, "output": f"/proc/{os.getpid()}/fd/{output.fileno()}"}
        with _adopting():
            print(json.dumps(order), file=self.process.stdin, flush=True)
            pid = int(self.process.stdout.readline())
            assert self.process.stdout.readline() == "gone\n"
        return Forked(pid)


@contextmanager
def _adopting() -> Iterator[None]:
    """Orphans below this process become its children."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    yield
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0)


def _main() -> None:
    import django

    django.setup()
    from provisioning import wiring

    import_module("provisioning.requests.tasks")
    for load in (wiring.parser, wiring.checker):
        load()
    for line in sys.stdin:
        order = json.loads(line)
        if not (between := os.fork()):
            _orphan(order)
            return
        os.waitpid(between, 0)
        sys.stdout.write("gone\n")
        sys.stdout.flush()


def _orphan(order: dict[str, Any]) -> None:
    """Leaves the nursery, so that the test's process becomes the parent, and is then `manage.py worker`."""
    from django.core.management import execute_from_command_line

    if pid := os.fork():
        os.write(1, b"%d\n" % pid)
        os._exit(0)
    os.setsid()
    nothing, output = (
        os.open(os.devnull, os.O_RDONLY),
        os.open(order["output"], os.O_WRONLY | os.O_APPEND),
    )
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    execute_from_command_line(["manage.py", "worker", *order["arguments"]])


if __name__ == "__main__":
    _main()

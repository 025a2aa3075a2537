"""The child processes of `manage.py dev`: started in sessions of their own, so that Ctrl-C in the terminal reaches only
their parent, who then ends them in order; the watchdog ends them if the parent cannot."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from infrallm_portal.dev.watchdog import Watchdog

# As long as the web server gives its running calls.
PATIENCE_SECONDS = 10.0
ERRORS = (" ERROR ", " CRITICAL ", "[ERROR]")
TRACEBACK = "Traceback (most recent call last):"


@dataclass
class Child:
    """`log` gets all that the process prints; `_read` is how much of it `errors` has seen."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    _read: int = field(default=0)

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def errors(self) -> Iterator[str]:
        """The error lines that are new in the log."""
        with self.log.open("rb") as log:
            # A line that is not whole yet is read the next time.
            log.seek(self._read)
            whole, _, _ = log.read().rpartition(b"\n")
            self._read += len(whole) + bool(whole)
        yield from error_lines(whole.decode(errors="replace").splitlines())

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def error_lines(lines: Iterable[str]) -> Iterator[str]:
    """One line for each error; of a traceback the last one, which says what it was."""
    in_traceback = False
    for line in lines:
        if TRACEBACK in line:
            in_traceback = True
        elif in_traceback:
            in_traceback = not line or line.startswith((" ", "\t"))
            if not in_traceback:
                yield line
        elif any(sign in line for sign in ERRORS):
            yield line


def commands() -> dict[str, list[str]]:
    return {
        "worker": [sys.executable, sys.argv[0], "worker", "--restart"],
        "web": [sys.executable, sys.argv[0], "web"],
    }


def start(name: str, command: Sequence[str], folder: Path, watchdog: Watchdog) -> Child:
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    watchdog.guard(process.pid)
    return Child(name, process, log)


def stop(children: Iterable[Child]) -> None:
    """All at once and politely; what is left when they have ended, or after the time of patience, is killed."""
    children = list(children)
    for child in children:
        child.process.terminate()
    deadline = time.monotonic() + PATIENCE_SECONDS
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.0, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            # Its group: a child that ended may have left some of its own.
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()

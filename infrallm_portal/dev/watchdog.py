"""Ends processes when the process that started them is gone, however it went (kill -9 too).

The owner holds the other end of standard input and names the processes in it, one line each: "<signal> <pid>". When
the pipe closes, each gets its signal; ten seconds later at the latest, what is left of their process groups is killed. An
owner that has ended them itself says so. Only the standard library is imported, so that the watchdog is small and up at once.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import IO, cast

PATIENCE_SECONDS = 10.0


DISMISSED = "dismissed\n"


class Watchdog:
    """Runs until it is dismissed, or until this process ends."""

    def __init__(self, *held: IO[str]) -> None:
        """The files are kept open, and their locks held, until the watchdog ends."""
        command = [sys.executable, "-I", "-S", __file__]
        descriptors = [file.fileno() for file in held]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, start_new_session=True, text=True, pass_fds=descriptors
        )

    def guard(self, pid: int, stop: signal.Signals = signal.SIGTERM) -> None:
        lines = cast("IO[str]", self._process.stdin)
        lines.write(f"{int(stop)} {pid}\n")
        lines.flush()

    def dismiss(self) -> None:
        """To be called when all guarded processes have ended."""
        self._process.communicate(DISMISSED)


def end(processes: list[tuple[int, int]]) -> None:
    for stop, pid in processes:
        _send(os.kill, pid, stop)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(_send(os.kill, pid, 0) for _, pid in processes) and time.monotonic() < deadline:
        time.sleep(0.05)
    for _, pid in processes:
        _send(os.killpg, pid, signal.SIGKILL)


def _send(kill: Callable[[int, int], None], pid: int, number: int) -> bool:
    try:
        kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    # What ends its owner must not end it, too: nobody else would end the rest.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    guarded = []
    for line in sys.stdin:
        if line == DISMISSED:
            return
        stop, pid = line.split()
        guarded.append((int(stop), int(pid)))
    end(guarded)


if __name__ == "__main__":
    main()

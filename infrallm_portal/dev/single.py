"""One portal for one data folder."""

import fcntl
import os
from pathlib import Path
from typing import IO


class AlreadyRunningError(Exception):
    """`pid` is the process that has the folder."""

    def __init__(self, pid: int) -> None:
        super().__init__(pid)
        self.pid = pid


def acquire_data_dir(folder: Path) -> IO[str]:
    """The open lock file: the folder is ours until it is closed, by us and by every process that it was passed to. Waits
    while the watchdog of a killed portal tidies up; raises `AlreadyRunningError` while a living one has the folder."""
    lock = (folder / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = _holder(lock)
        if _alive(holder):
            lock.close()
            raise AlreadyRunningError(holder) from None
        fcntl.flock(lock, fcntl.LOCK_EX)
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _holder(lock: IO[str]) -> int:
    lock.seek(0)
    return int(lock.read() or 0)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != 0

"""Who may write to the repository now: one of us, beside people who push, and never beside a `git gc`."""

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from provisioning.errors import UpstreamUnavailableError

STALE_LOCK_SECONDS = 2.0
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.05
OURS = "infrallm"  # git reads two words of gc.pid; this third one says that no `git gc` wrote it


@contextmanager
def exclusive(path: Path) -> Iterator[int]:
    """One writer at a time, over all processes and threads of this machine. Gives the descriptor, which the writer's git
    processes have to inherit: while one of them runs, even after its parent was killed, nobody else writes."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock
    finally:
        os.close(lock)


def remove_abandoned(repository: Path) -> None:
    """A git process that was killed leaves its `*.lock` behind, on HEAD too. We are the only writer but for pushes, which
    hold a lock for milliseconds: one that stays is nobody's."""
    _wait(lambda: not any(map(_stays, _locks(repository))), STALE_LOCK_SECONDS + 1)


def _locks(repository: Path) -> Iterator[Path]:
    yield from repository.glob("*.lock")
    yield from (repository / "refs").rglob("*.lock")


def _stays(lock: Path) -> bool:
    """By the absolute age, because a clock may be set back."""
    try:
        age = abs(time.time() - lock.stat().st_mtime)
    except FileNotFoundError:
        return False
    if age <= STALE_LOCK_SECONDS:
        return True
    lock.unlink(missing_ok=True)
    return False


@contextmanager
def no_collection(repository: Path) -> Iterator[None]:
    """`git gc` does not begin while the process that gc.pid names is alive (builtin/gc.c, lock_repo_for_gc): what is written
    here and not referred to yet would be pruned. One that runs already is waited for."""
    own = repository / "gc.pid"
    if not _wait(lambda: _taken(own), PATIENCE_SECONDS):
        raise UpstreamUnavailableError(
            "The embedded Git repository is being cleaned up by git gc. It goes on afterwards."
        )
    try:
        yield
    finally:
        with suppress(OSError):
            own.unlink()


def _taken(own: Path) -> bool:
    guard = own.with_name("gc.pid.lock")
    try:
        descriptor = os.open(guard, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        _stays(guard)
        return False
    with os.fdopen(descriptor, "w") as file:
        free = not _collecting(own)
        if free:
            file.write(f"{os.getpid()} {socket.gethostname()} {OURS}")
    guard.replace(own) if free else guard.unlink()
    return free


def _collecting(own: Path) -> bool:
    """A `git gc` of this machine that lives. What a killed writer of ours has left is no hindrance."""
    try:
        pid, host, *ours = own.read_text().split()
    except (FileNotFoundError, ValueError):
        return False
    return not ours and host == socket.gethostname() and Path(f"/proc/{pid}").exists()


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (held := condition()) and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
    return held

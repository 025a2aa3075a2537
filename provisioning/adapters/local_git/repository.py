"""A bare repository that comes into being on first use, and whose writers take turns.

The lock is a file lock that the writer's git processes inherit: while one of them still runs, even after its parent was
killed, nobody else writes.
"""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from provisioning.adapters.local_git.git import NOTHING, PORTAL, Git
from provisioning.errors import UpstreamRefusedError

BRANCH = "main"
BASE = f"refs/heads/{BRANCH}"
STALE_LOCK_SECONDS = 5
README = """# Infrastructure

Terraform that the InfraLLM Portal proposes by pull request: `terraform/<environment>/<type>/<name>/`.
"""


class GitRepository:
    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def reading(self) -> Git:
        if not (self.path / "HEAD").exists():
            with self.writing():
                pass
        return Git(self.path)

    @contextmanager
    def writing(self) -> Iterator[Git]:
        """One writer at a time, over all processes and threads of this machine."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UpstreamRefusedError(
                f"The folder of the embedded Git repository cannot be written: {error.strerror}. An operator must mend that."
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            git = Git(self.path, (lock,))
            _create(git) if not (self.path / "HEAD").exists() else _remove_stale_locks(self.path)
            yield git
        finally:
            os.close(lock)


def _create(git: Git) -> None:
    """Built beside its place and renamed into it: there is a whole repository or none."""
    new = replace(git, path=git.path.with_name(f"{git.path.name}.new"))
    shutil.rmtree(new.path, ignore_errors=True)
    new.run("init", "--quiet", "--bare", "--template=", f"--initial-branch={BRANCH}", str(new.path))
    new.run("config", "core.fsync", "all")
    first = new.commit(
        new.tree_with(None, {"README.md": README}),
        (),
        "Start the repository\n",
        PORTAL,
        datetime.now(UTC),
    )
    new.move({BASE: (first, NOTHING)})
    new.path.rename(git.path)


def _remove_stale_locks(path: Path) -> None:
    """A git process that was killed leaves its `*.lock` behind; ours is the only writer but for pushes, which are quick."""
    for lock in (path / "packed-refs.lock", *(path / "refs").rglob("*.lock")):
        if lock.exists() and time.time() - lock.stat().st_mtime > STALE_LOCK_SECONDS:
            lock.unlink(missing_ok=True)

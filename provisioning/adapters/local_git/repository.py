"""A bare repository that comes into being on first use, and whose writers take turns."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from provisioning.adapters.local_git import locks
from provisioning.adapters.local_git.git import NEW_COMMIT, NOTHING, Git
from provisioning.adapters.local_git.objects import NO_REPOSITORY, ObjectReader
from provisioning.errors import UpstreamUnavailableError

BRANCH = "main"
README = """# Infrastructure

Terraform that the InfraLLM Portal proposes by pull request: `terraform/<environment>/<type>/<name>/`.
"""
# Two blocks: a full disk may still take a few bytes.
PROBE = b"\0" * 8192


class GitRepository:
    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._objects = ObjectReader(self.path)

    def reading(self) -> Git:
        if not self.path.exists():
            with self.writing():
                pass
        self._refuse_what_is_none()
        return Git(self.path, self._objects)

    @contextmanager
    def writing(self) -> Iterator[Git]:
        """One writer at a time, over all processes and threads of this machine, and no `git gc` beside it."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with locks.exclusive(self.path.with_name(f"{self.path.name}.lock")) as lock:
                git = Git(self.path, self._objects, (lock,))
                if not self.path.exists():
                    _create(git)
                self._refuse_what_is_none()
                locks.remove_abandoned(self.path)
                with locks.no_collection(self.path):
                    yield git
        except OSError as error:
            raise _unwritable(error.strerror or "unknown error") from error

    def _refuse_what_is_none(self) -> None:
        self.base()
        if not all((self.path / folder).is_dir() for folder in ("objects", "refs")):
            raise UpstreamUnavailableError(NO_REPOSITORY)

    def base(self) -> str:
        """The full name of the branch that pull requests go to: the one that HEAD names, whatever it was renamed to."""
        try:
            kind, _, name = (self.path / "HEAD").read_text().strip().partition(" ")
        except (OSError, UnicodeDecodeError):
            raise UpstreamUnavailableError(
                f"HEAD of the embedded Git repository is missing. An operator must restore it: "
                f'echo "ref: refs/heads/{BRANCH}" > HEAD'
            ) from None
        if kind != "ref:" or not name.startswith("refs/heads/"):
            raise UpstreamUnavailableError(
                "HEAD of the embedded Git repository names no branch. An operator must point it "
                f"to one: git symbolic-ref HEAD refs/heads/{BRANCH}"
            )
        return name

    def base_commit(self, git: Git) -> str:
        """Raises `UpstreamUnavailableError` with what an operator has to do where there is none."""
        base = self.base()
        if commit := git.resolve(f"{base}^{{commit}}"):
            return commit
        name = base.removeprefix("refs/heads/")
        if git.refers(base):
            raise UpstreamUnavailableError(
                f"The commit of {name} is missing in the embedded Git repository. An operator "
                "must restore it from a backup or push it again from a clone."
            )
        raise UpstreamUnavailableError(
            f"The embedded Git repository has no branch {name}, which HEAD names. An operator "
            "must push it, or point HEAD to another: git symbolic-ref HEAD refs/heads/<branch>"
        )

    def try_what_requests_need(self) -> None:
        """Raises `UpstreamUnavailableError`, as a request would."""
        git = self.reading()
        commit = self.base_commit(git)
        if git.resolve(f"{commit}^{{tree}}") is None:
            raise UpstreamUnavailableError(
                "Files of the base branch are missing in the embedded Git repository. An operator "
                "must restore it from a backup or push it again from a clone."
            )
        _try_to_write(self.path / "objects")
        for place in (self.path, self.path / "refs"):
            if not os.access(place, os.W_OK):
                raise _unwritable("Permission denied")


def _try_to_write(objects: Path) -> None:
    """Rights alone do not tell: the disk may be full. A leftover of this name is git's to remove (git-prune(1))."""
    try:
        with tempfile.NamedTemporaryFile(prefix="tmp_obj_", dir=objects) as file:
            file.write(PROBE)
            file.flush()
    except OSError as error:
        raise _unwritable(error.strerror or "unknown error") from error


def _unwritable(reason: str) -> UpstreamUnavailableError:
    return UpstreamUnavailableError(
        f"The embedded Git repository cannot be written: {reason}. An operator must mend that."
    )


def _create(git: Git) -> None:
    """Built beside its place and renamed into it: there is a whole repository or none."""
    path = git.path.with_name(f"{git.path.name}.new")
    new = replace(git, path=path, objects=ObjectReader(path))
    # What a kill left half made.
    shutil.rmtree(new.path, ignore_errors=True)
    new.run("init", "--quiet", "--bare", "--template=", f"--initial-branch={BRANCH}", str(new.path))
    # A pull request that was answered for must be there after the power went.
    new.run("config", "core.fsync", "all")
    # No client fetches what is only being made.
    new.run("config", "transfer.hideRefs", NEW_COMMIT.rpartition("/")[0])
    now = datetime.now(UTC)
    first = new.commit_files(None, {"README.md": README}, "Start the repository\n", now)
    new.move({f"refs/heads/{BRANCH}": (first, NOTHING)})
    new.path.rename(git.path)

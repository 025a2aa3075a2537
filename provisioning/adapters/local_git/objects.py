"""One `git cat-file --batch` that stays: what a name means costs no process of its own.

It belongs to the process and the repository that it was started for: after a fork, or where the folder was replaced by
another one (a restored backup), the next question starts a new one.
"""

import os
import select
import subprocess
import threading
import time
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from provisioning.adapters.local_git.programs import environment, missing_program
from provisioning.errors import UpstreamUnavailableError

TIMEOUT = 60.0
CHUNK = 1 << 16
NO_REPOSITORY = "The folder of the embedded Git repository holds none. An operator must restore it."
NAMES_AT_ONCE = (
    100  # their answers are read before more is asked: two full pipes would wait for each other
)


@dataclass(frozen=True, slots=True)
class GitObject:
    sha: str
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")


class ObjectReader:
    """Threads take turns. A name whose object is missing, or damaged so that git dies of it, has none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()
        self._batch: _Batch | None = None

    def get(self, names: Sequence[str]) -> dict[str, GitObject | None]:
        """Raises `UpstreamUnavailableError` where git gives no answer at all."""
        with self._turn:
            return {name: found for part in _parts(names) for name, found in self._asked(part)}

    def _asked(self, names: Sequence[str]) -> Iterator[tuple[str, GitObject | None]]:
        rest = list(names)
        while rest:
            batch = self._started()
            batch.ask(rest)
            answered = 0
            try:
                for name in rest:
                    yield name, batch.answer()
                    answered += 1
                return
            except EOFError:
                self._batch = None
                self._refuse_if_no_repository()
                yield rest[answered], None
                rest = rest[answered + 1 :]

    def _started(self) -> "_Batch":
        if self._batch is None or not self._batch.fits(self._path):
            self._batch = _Batch(self._path)
        return self._batch

    def _refuse_if_no_repository(self) -> None:
        """Git dies of a damaged object, and where there is no repository at all."""
        command = ["git", f"--git-dir={self._path}", "rev-parse", "--git-dir"]
        done = subprocess.run(command, capture_output=True, env=environment(), check=False)
        if done.returncode:
            raise UpstreamUnavailableError(NO_REPOSITORY)


class _Batch:
    def __init__(self, path: Path) -> None:
        self._owner, self._place = os.getpid(), _identity(path)
        command = ["git", f"--git-dir={path}", "cat-file", "--batch"]
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
                bufsize=0,
            )
            self._questions = cast(IO[bytes], self._process.stdin)
            self._answers = cast(IO[bytes], self._process.stdout)
        except FileNotFoundError as error:
            raise missing_program() from error
        self._buffer = b""
        weakref.finalize(self, _end, self._process, self._owner)

    def fits(self, path: Path) -> bool:
        return (
            self._owner == os.getpid()
            and self._place == _identity(path)
            and self._process.poll() is None
        )

    def ask(self, names: Sequence[str]) -> None:
        self._deadline = time.monotonic() + TIMEOUT
        try:
            self._questions.write("".join(f"{name}\n" for name in names).encode())
        except BrokenPipeError:
            return  # `answer` says so

    def answer(self) -> GitObject | None:
        """Raises `EOFError` when git died."""
        words = self._line().rsplit(b" ", 2)
        if not words[-1].isdigit():
            return None  # "<name> missing" or "<name> ambiguous"
        sha, size = words[0].decode(), int(words[-1])
        content = self._bytes(size + 1)[:-1]
        return GitObject(sha, content)

    def _line(self) -> bytes:
        while b"\n" not in self._buffer:
            self._read_more()
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line

    def _bytes(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._read_more()
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _read_more(self) -> None:
        left = max(0.0, self._deadline - time.monotonic())
        if not select.select([self._answers], [], [], left)[0]:
            self._process.kill()
            raise UpstreamUnavailableError("The embedded Git repository did not answer in time.")
        more = os.read(self._answers.fileno(), CHUNK)
        if not more:
            raise EOFError
        self._buffer += more


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), NAMES_AT_ONCE):
        yield names[start : start + NAMES_AT_ONCE]


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _end(process: "subprocess.Popen[bytes]", owner: int) -> None:
    """In a forked child the process is the parent's, and only the descriptors are a copy."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    if os.getpid() == owner:
        process.kill()
        process.wait()
    else:
        process.returncode = 0  # nobody here waits for it

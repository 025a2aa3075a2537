"""The `git` program's plumbing on a bare repository: no shell, no configuration from outside, no checkout.

Objects that nothing refers to are invisible, so only moving a reference is an effect; each such move names the value
that it replaces.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from provisioning.domain import COMMIT_AUTHOR
from provisioning.errors import UpstreamRefusedError, UpstreamUnavailableError

NOTHING = "0" * 40
TIMEOUT = 60


@dataclass(frozen=True)
class Person:
    name: str
    email: str


PORTAL = Person(*COMMIT_AUTHOR)


@dataclass(frozen=True)
class Git:
    """`inherited` are file descriptors that git processes keep open (the lock)."""

    path: Path
    inherited: tuple[int, ...] = ()

    def run(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> bytes:
        done = self._run(arguments, stdin, env)
        if done.returncode:
            raise UpstreamUnavailableError(
                f"The embedded Git repository: git {arguments[0]} failed: {self._said(done)}."
            )
        return done.stdout

    def _run(
        self, arguments: Sequence[str], stdin: bytes, env: Mapping[str, str] | None
    ) -> subprocess.CompletedProcess[bytes]:
        command = ["git", f"--git-dir={self.path}", *arguments]
        environment = _environment() | dict(env or {})
        try:
            return subprocess.run(
                command,
                input=stdin,
                capture_output=True,
                env=environment,
                pass_fds=self.inherited,
                timeout=TIMEOUT,
                check=False,
            )
        except FileNotFoundError as error:
            raise UpstreamRefusedError(
                "The git program is missing on this machine. An operator must install it."
            ) from error
        except subprocess.TimeoutExpired as error:
            raise UpstreamUnavailableError(
                "The embedded Git repository did not answer in time."
            ) from error

    def _said(self, done: subprocess.CompletedProcess[bytes]) -> str:
        lines = (
            done.stderr.decode(errors="replace").replace(str(self.path), self.path.name).split("\n")
        )
        return next(
            (line.strip().rstrip(".") for line in lines if line.strip()),
            f"exit code {done.returncode}",
        )

    # --- reading

    def resolve(self, name: str) -> str | None:
        """The object that a full reference or "<commit>:<path>" names; None where there is none."""
        return self.resolved([name])[name]

    def resolved(self, names: Iterable[str]) -> dict[str, str | None]:
        """As `resolve`, by name, with one process."""
        names = list(names)
        asked = "".join(f"{name}\n" for name in names)
        answers = (
            self.run("cat-file", "--batch-check=%(objectname)", stdin=asked.encode())
            .decode()
            .splitlines()
        )
        return {
            name: None if " " in said else said for name, said in zip(names, answers, strict=True)
        }

    def text(self, sha: str) -> str:
        return self.run("cat-file", "-p", sha).decode(errors="replace")

    def files(self, tree: str) -> dict[str, str]:
        """Those right in a tree that "<commit>:<path>" names, by name; none where there is no such tree."""
        found = self.resolve(tree)
        if found is None:
            return {}
        listed = self.run("ls-tree", "-z", found).decode(errors="replace").split("\0")
        entries = (entry.partition("\t") for entry in listed if entry)
        blobs = ((kind.split(), name) for kind, _, name in entries)
        return {name: self.text(sha) for (_, kind, sha), name in blobs if kind == "blob"}

    def references(self, *patterns: str, merged_into: str = "") -> dict[str, str]:
        """Name → object, optionally only of those that a branch contains."""
        merged = [f"--merged={merged_into}"] if merged_into else []
        listed = self.run(
            "for-each-ref", "--format=%(refname) %(objectname)", *merged, *patterns
        ).decode()
        return dict(line.rsplit(" ", 1) for line in listed.splitlines())

    def message(self, commit: str) -> str:
        return self.text(commit).partition("\n\n")[2]

    def merge_base(self, one: str, other: str) -> str:
        return self.run("merge-base", one, other).decode().strip()

    # --- writing

    def store(self, contents: bytes) -> str:
        return (
            self.run("hash-object", "-w", "--no-filters", "--stdin", stdin=contents)
            .decode()
            .strip()
        )

    def commit(
        self, tree: str, parents: Sequence[str], message: str, person: Person, at: datetime
    ) -> str:
        date = f"{int(at.timestamp())} +0000"
        identity = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", person.name), ("EMAIL", person.email), ("DATE", date))
        }
        links = [word for parent in parents for word in ("-p", parent)]
        return (
            self.run("commit-tree", tree, *links, stdin=message.encode(), env=identity)
            .decode()
            .strip()
        )

    def tree_with(self, parent: str | None, files: Mapping[str, str]) -> str:
        """The parent's tree, or an empty one, with these files added or replaced. Git itself refuses paths that leave the
        repository."""
        with _scratch() as scratch:
            for number, content in enumerate(files.values()):
                (scratch / str(number)).write_bytes(content.encode())
            names = "".join(f"{scratch / str(number)}\n" for number in range(len(files)))
            hashes = self.run(
                "hash-object", "-w", "--no-filters", "--stdin-paths", stdin=names.encode()
            ).split()
            index = {"GIT_INDEX_FILE": str(scratch / "index")}
            if parent:
                self.run("read-tree", parent, env=index)
            entries = b"".join(
                b"100644 blob " + sha + b"\t" + path.encode() + b"\0"
                for sha, path in zip(hashes, files, strict=True)
            )
            self.run("update-index", "-z", "--index-info", stdin=entries, env=index)
            return self.run("write-tree", env=index).decode().strip()

    def merged_tree(self, base: str, head: str) -> str | None:
        """Both sides' changes since they parted; None where both changed the same file."""
        with _scratch() as scratch:
            index = {"GIT_INDEX_FILE": str(scratch / "index")}
            self.run(
                "read-tree",
                "-i",
                "-m",
                "--aggressive",
                self.merge_base(base, head),
                base,
                head,
                env=index,
            )
            if self.run("ls-files", "--unmerged", env=index):
                return None
            return self.run("write-tree", env=index).decode().strip()

    def move(self, references: Mapping[str, tuple[str, str]]) -> None:
        """Reference → (new, old), all or none. `NOTHING` as old value creates."""
        updates = "".join(
            f"update {name}\0{new}\0{old}\0" for name, (new, old) in references.items()
        )
        self.run("update-ref", "-z", "--stdin", stdin=f"start\0{updates}commit\0".encode())


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="infrallm-git-") as folder:
        yield Path(folder)


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
    }

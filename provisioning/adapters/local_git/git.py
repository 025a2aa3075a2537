"""The `git` program's plumbing on a bare repository: no shell, no configuration from outside, no checkout.

Objects that nothing refers to are invisible, so only moving a reference is an effect; each such move names the value
that it replaces.
"""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from provisioning.adapters.local_git.objects import GitObject, ObjectReader
from provisioning.adapters.local_git.programs import environment, missing_program
from provisioning.domain import COMMIT_AUTHOR
from provisioning.errors import UpstreamUnavailableError

NOTHING = "0" * 40
# In seconds; git on a local disk answers in milliseconds, so this is for a disk that hangs.
TIMEOUT = 60
# Under a name of its own, which no client fetches: a commit that nothing refers to may be collected at any time.
NEW_COMMIT = "refs/infrallm/new"


@dataclass(frozen=True)
class CommitIdentity:
    name: str
    email: str


PORTAL = CommitIdentity(*COMMIT_AUTHOR)


@dataclass(frozen=True)
class Git:
    """`inherited` are file descriptors that git processes keep open (the lock)."""

    path: Path
    objects: ObjectReader
    inherited: tuple[int, ...] = ()

    def run(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> bytes:
        """Raises `UpstreamUnavailableError` with git's own first sentence."""
        done = self.try_run(*arguments, stdin=stdin, env=env)
        if done.returncode:
            raise UpstreamUnavailableError(
                f"The embedded Git repository: git {arguments[0]} failed: {self._said(done)}."
            )
        return done.stdout

    def try_run(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[bytes]":
        """As `run`, for a caller to whom a failure is an answer."""
        try:
            return subprocess.run(
                ["git", f"--git-dir={self.path}", *arguments],
                input=stdin,
                capture_output=True,
                env=environment() | dict(env or {}),
                pass_fds=self.inherited,
                timeout=TIMEOUT,
                # A failure is an answer for `try_run`'s callers, and `run` says it in words.
                check=False,
            )
        except FileNotFoundError as error:
            raise missing_program() from error
        except subprocess.TimeoutExpired as error:
            raise UpstreamUnavailableError(
                "The embedded Git repository did not answer in time."
            ) from error

    def _said(self, done: "subprocess.CompletedProcess[bytes]") -> str:
        # Where the repository lies on the server is nobody's business who reads a request's page.
        words = done.stderr.decode(errors="replace").replace(str(self.path), self.path.name)
        for line in words.split("\n"):
            sentence = line.strip().rstrip(".")
            if sentence:
                return sentence
        return f"exit code {done.returncode}"

    # --- reading

    def resolve(self, name: str) -> str | None:
        """The object that a full reference or "<commit>:<path>" names; None where there is none."""
        return self.resolved([name])[name]

    def resolved(self, names: Iterable[str]) -> dict[str, str | None]:
        """As `resolve`, by name."""
        found = self.objects.get(list(names))
        return {name: one.sha if one else None for name, one in found.items()}

    def object(self, name: str) -> GitObject | None:
        return self.objects.get([name])[name]

    def files(self, tree: str) -> dict[str, str]:
        """Those right in a tree that "<commit>:<path>" names, by name; none where there is no such tree. Raises
        `UpstreamUnavailableError` where one of them is missing."""
        found = self.resolve(tree)
        if found is None:
            return {}
        listed = self.run("ls-tree", "-z", found).decode(errors="replace").split("\0")
        blobs = {}
        for entry in filter(None, listed):
            description, _, name = entry.partition("\t")
            _, kind, sha = description.split()
            if kind == "blob":
                blobs[name] = sha
        # All at once: each question to git by itself would be a process.
        contents = self.objects.get(list(blobs.values()))
        return {name: self._text(contents[sha], name) for name, sha in blobs.items()}

    def _text(self, blob: GitObject | None, name: str) -> str:
        if blob is None:
            raise UpstreamUnavailableError(f"The embedded Git repository: {name} cannot be read.")
        return blob.text

    def references(self, *patterns: str) -> dict[str, str]:
        """Name → object."""
        listed = self.run("for-each-ref", "--format=%(refname) %(objectname)", *patterns).decode()
        return dict(line.rsplit(" ", 1) for line in listed.splitlines())

    def refers(self, reference: str) -> bool:
        """Also where the object itself is missing, which `resolve` does not tell from no reference at all."""
        return bool(self.references(reference))

    def merge_base(self, one: str, other: str) -> str | None:
        """None where the two have nothing in common, because one of them was rewritten."""
        done = self.try_run("merge-base", one, other)
        return None if done.returncode else done.stdout.decode().strip()

    def contains(self, commit: str, other: str) -> bool:
        """Whether `other` is `commit` or an ancestor of it; no where one of them is missing."""
        return not self.try_run("merge-base", "--is-ancestor", other, commit).returncode

    # --- writing

    def store(self, contents: bytes) -> str:
        stored = self.run("hash-object", "-w", "--no-filters", "--stdin", stdin=contents)
        return stored.decode().strip()

    def commit(
        self, tree: str, parents: Sequence[str], message: str, person: CommitIdentity, at: datetime
    ) -> str:
        date = f"{int(at.timestamp())} +0000"
        # Without these git would take the names that are configured for whoever runs the portal.
        identity = {}
        for role in ("AUTHOR", "COMMITTER"):
            identity[f"GIT_{role}_NAME"] = person.name
            identity[f"GIT_{role}_EMAIL"] = person.email
            identity[f"GIT_{role}_DATE"] = date
        links: list[str] = []
        for parent in parents:
            links += ["-p", parent]
        made = self.run("commit-tree", tree, *links, stdin=message.encode(), env=identity)
        return made.decode().strip()

    def commit_files(
        self, parent: str | None, files: Mapping[str, str], message: str, at: datetime
    ) -> str:
        """The portal's commit that adds or replaces these files. One process, whose cost does not grow with what the parent
        holds; `NEW_COMMIT` refers to it, so that nothing collects it before its branch is there."""
        date = f"{PORTAL.name} <{PORTAL.email}> {int(at.timestamp())} +0000"
        head = [f"commit {NEW_COMMIT}", "mark :1", f"author {date}", f"committer {date}"]
        stream = "\n".join(head).encode() + b"\n" + _data(message)
        stream += f"from {parent}\n".encode() if parent else b""
        for path, text in files.items():
            stream += f"M 100644 inline {_quoted(path)}\n".encode() + _data(text)
        stream += b"\nget-mark :1\ndone\n"
        made = self.run("fast-import", "--quiet", "--force", "--done", stdin=stream)
        return made.decode().strip()

    def merged_tree(self, base: str, head: str) -> str | None:
        """Both sides' changes since they parted; None where both changed the same file, or never were one."""
        parted = self.merge_base(base, head)
        if parted is None:
            return None
        with _scratch() as scratch:
            index = {"GIT_INDEX_FILE": str(scratch / "index")}
            self.run("read-tree", "-i", "-m", "--aggressive", parted, base, head, env=index)
            if self.run("ls-files", "--unmerged", env=index):
                return None
            return self.run("write-tree", env=index).decode().strip()

    def move(self, references: Mapping[str, tuple[str, str]]) -> None:
        """Reference → (new, old). None is moved unless all may be; they then move in this order, so that a kill in between
        leaves the first ones moved. `NOTHING` as old value creates."""
        lines = ["start\0"]
        for name, (new, old) in references.items():
            lines.append(f"update {name}\0{new}\0{old}\0")
        lines.append("commit\0")
        self.run("update-ref", "-z", "--stdin", stdin="".join(lines).encode())


def _data(text: str) -> bytes:
    contents = text.encode()
    return f"data {len(contents)}\n".encode() + contents + b"\n"


def _quoted(path: str) -> str:
    """As git-fast-import(1) wants a path; a `Change` holds no line break in one."""
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="infrallm-git-") as folder:
        yield Path(folder)

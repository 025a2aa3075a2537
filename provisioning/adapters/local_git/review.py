"""What a pull request changes, file by file, for the review page."""

import re
from collections.abc import Iterator

from provisioning.adapters.local_git.git import Git
from provisioning.adapters.local_git.pulls import LocalPullRequest
from provisioning.domain import FileChange

TREE = ("diff-tree", "-r", "-M", "--no-ext-diff", "--no-textconv")
PATCH = ("--patch", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
BINARY = re.compile(r"^(?:Binary files .* differ|GIT binary patch)$", re.MULTILINE)


def changes(git: Git, base: str, pull: LocalPullRequest) -> tuple[FileChange, ...]:
    """Names come from git's own list, which no name can break, and the texts beside them from its patch: both are in the
    same order. Raises `UpstreamUnavailableError` where a commit is missing."""
    parted = git.merge_base(base, pull.head_sha) if pull.state == "open" else None
    sides = (parted or pull.base_sha, pull.head_sha)
    raw = git.run(*TREE, "--raw", "-z", *sides).decode(errors="replace")
    patch = git.run(*TREE, *PATCH, *sides).decode(errors="replace")
    parts = iter(re.split(r"^diff --git .*\n", patch, flags=re.MULTILINE)[1:])
    return tuple(_changes(iter(raw.split("\0")[:-1]), parts))


def _changes(words: Iterator[str], parts: Iterator[str]) -> Iterator[FileChange]:
    for entry in words:
        old_mode, new_mode, _, _, status = entry.removeprefix(":").split(" ")
        path = next(words)
        moved_to = next(words) if status[0] in "RC" else ""
        # A file that became a link is one entry and two patches: the old one goes, the new one comes.
        patch = next(parts) + (next(parts) if status[0] == "T" else "")
        yield FileChange(
            path=moved_to or path,
            old_path=path if moved_to else "",
            old_mode=old_mode,
            new_mode=new_mode,
            binary=bool(BINARY.search(patch.partition("\n@@")[0])),
            patch=patch,
        )

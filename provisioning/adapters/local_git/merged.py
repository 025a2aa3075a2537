"""Whether the base branch has what a pull request brings, whoever merged it and how.

It has, where the portal's own commit is in it, or one that carries the request's trailer (rebased, picked, squashed with
its message), or one after which each file that the branch changes is as it is on the branch (squashed under any message).
A branch that was set back to the base branch brings nothing, and is not merged by that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provisioning.adapters.local_git.git import Git
from provisioning.adapters.local_git.pulls import LocalPullRequest
from provisioning.domain import request_trailer

SEPARATOR = "\x1e"
# Commits that touch one request's directories: more of them are no squash to be found, and each costs a question to git.
LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Landed:
    sha: str
    message: str

    def carries(self, request_id: str) -> bool:
        """A squash indents or marks the messages that it gathers."""
        trailer = request_trailer(request_id)
        return any(line.strip(" *\t") == trailer for line in self.message.splitlines())


def is_merged(git: Git, base: str, pull: LocalPullRequest) -> bool:
    """`base` is the base branch's commit."""
    if base == pull.base_sha:
        return False
    heads = {pull.own}
    # A branch whose tip the base branch has already says nothing: it may have been set back to it.
    if not git.contains(base, pull.head_sha):
        heads.add(pull.head_sha)
    brought = [_brought(git, pull.base_sha, head) for head in heads]
    paths = list(pull.directories)
    for changed in brought:
        paths += changed
    landed = list(_landed(git, base, pull.base_sha, paths))
    # From the cheapest proof to the dearest: comparing files asks git for each of them.
    if any(one.sha == pull.own or one.carries(pull.request_id) for one in landed):
        return True
    if git.contains(base, pull.own):
        return True
    return _is_squashed(git, landed, brought)


def _is_squashed(git: Git, landed: Sequence[Landed], brought: Sequence[dict[str, str]]) -> bool:
    for one in landed:
        for changed in brought:
            if _has_all(git, one.sha, changed):
                return True
    return False


def _brought(git: Git, base: str, head: str) -> dict[str, str]:
    """Path → blob of each file that a commit adds or changes; what it removes is not looked at."""
    shared = git.merge_base(base, head) or base
    listed = git.try_run("diff-tree", "-r", "-z", "--no-renames", "--diff-filter=AMT", shared, head)
    words = listed.stdout.decode(errors="surrogateescape").split("\0")
    entries = zip(words[0::2], words[1::2], strict=False)
    return {path: entry.split(" ")[3] for entry, path in entries}


def _landed(git: Git, base: str, parted: str, paths: Sequence[str]) -> Iterator[Landed]:
    """What came into the base branch since and touches the same places, newest first."""
    if not paths:
        return
    since = [f"^{parted}"] if git.resolve(parted) else []
    literal = dict.fromkeys(f":(top,literal){path}" for path in paths)
    shape = f"--format=%H%n%B{SEPARATOR}"
    limit = f"--max-count={LOOKED_AT}"
    done = git.try_run("log", limit, shape, base, *since, "--", *literal)
    for part in done.stdout.decode(errors="replace").split(SEPARATOR)[:-1]:
        sha, _, message = part.lstrip("\n").partition("\n")
        yield Landed(sha, message)


def _has_all(git: Git, commit: str, changed: dict[str, str]) -> bool:
    if not changed:
        return False
    # A name with a line break would end the question to git; such a file is simply not found there.
    names = [f"{commit}:{path}" for path in changed if "\n" not in path]
    there = git.resolved(names)
    return all(there.get(f"{commit}:{path}") == blob for path, blob in changed.items())

"""How the embedded host keeps a pull request: `refs/pull/<number>/head` is the portal's commit, as on GitHub, and
`refs/pull/<number>/record` a JSON blob.

What a request asks for is found by name, so that it costs the same at one pull request and at ten thousand:
`refs/infrallm/request/<id>` and `refs/infrallm/directory/<hash>` are the record as it was first written, from which the
number is read, and `refs/infrallm/last` is the newest one's. See docs/decisions/0022-embedded-git-index.md.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from provisioning.adapters.local_git.git import NOTHING, Git
from provisioning.adapters.local_git.objects import GitObject
from provisioning.errors import UpstreamUnavailableError

LAST = "refs/infrallm/last"
# Packed references cost one search in one file; packing rewrites that file, so not at each pull request.
PACKED_AFTER = 100

Moves = dict[str, tuple[str, str]]  # reference → (new, old), as `Git.move` takes them

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LocalPullRequest:
    """`head_sha` is the branch's tip, `own_sha` the portal's own commit; `base_sha` is where the branch left the base branch.
    `closed_by` also names who merged. A merge made with plain git is seen, but nobody can say who did it."""

    number: int
    request_id: str
    branch: str
    title: str
    body: str
    created_at: datetime
    head_sha: str
    base_sha: str
    directories: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    draft: bool = False
    state: Literal["open", "merged", "closed"] = "open"
    merge_sha: str = ""
    closed_by: str = ""
    closed_at: datetime | None = None
    own_sha: str = ""

    @property
    def own(self) -> str:
        """Records of earlier releases hold the portal's commit in `head_sha` alone."""
        return self.own_sha or self.head_sha


RECORD = TypeAdapter(LocalPullRequest)


def head_ref(number: int) -> str:
    return f"refs/pull/{number}/head"


def record_ref(number: int) -> str:
    return f"refs/pull/{number}/record"


def request_ref(request_id: str) -> str:
    return f"refs/infrallm/request/{request_id}"


def directory_ref(directory: str) -> str:
    """By a hash, because a directory's name need not be one that references may have."""
    return f"refs/infrallm/directory/{hashlib.sha256(directory.encode()).hexdigest()[:40]}"


def parsed(stored: GitObject | None) -> LocalPullRequest | None:
    """None where the record is missing or makes no sense; one of them must never stop the others."""
    if stored is None:
        return None
    try:
        return RECORD.validate_json(stored.content)
    except ValidationError:
        return None


def find(git: Git, number: int) -> LocalPullRequest | None:
    """As it is stored. Raises `UpstreamUnavailableError` for a record that is there and cannot be read."""
    found = parsed(git.object(record_ref(number)))
    if found is None and git.refers(record_ref(number)):
        raise UpstreamUnavailableError(
            f"The record of pull request #{number} in the embedded Git repository cannot be read. "
            "An operator must restore it from a backup."
        )
    return found


def of_request(git: Git, request_id: str) -> LocalPullRequest | None:
    """A kill may have come between its index and its record: it is then as it was first written, and `open` completes it."""
    first = parsed(git.object(request_ref(request_id)))
    if first is None or first.request_id != request_id:
        return None
    stored = find(git, first.number)
    return stored if stored and stored.request_id == request_id else first


def numbers(git: Git) -> list[int]:
    names = git.references("refs/pull/*/record", "refs/pull/*/head")
    return sorted({int(name.split("/")[2]) for name in names})


def records(git: Git, chosen: Sequence[int] | None = None) -> Iterator[LocalPullRequest]:
    """Those that can be read; the others are named in the log."""
    chosen = numbers(git) if chosen is None else chosen
    for number, found in stored(git, chosen):
        if found is None:
            logger.error("The record of pull request #%s cannot be read and is left out", number)
        else:
            yield found


def stored(git: Git, chosen: Sequence[int]) -> Iterator[tuple[int, LocalPullRequest | None]]:
    found = git.objects.get([record_ref(number) for number in chosen])
    for number in chosen:
        yield number, parsed(found[record_ref(number)])


def next_number(git: Git) -> int:
    """By the names alone where the newest one's record cannot be read."""
    last = parsed(git.object(LAST))
    return last.number + 1 if last else 1 + max(numbers(git), default=0)


def moves(git: Git, pull: LocalPullRequest) -> Moves:
    """What has to move for this to be the stored state."""
    record = git.store(RECORD.dump_json(pull))
    names = {head_ref(pull.number): pull.head_sha, record_ref(pull.number): record}
    return _moves(names, git.references(*names))


def index_names(request_id: str, directories: Iterable[str]) -> list[str]:
    """The number comes first: a kill in between then leaves at most one that nobody has."""
    return [LAST, request_ref(request_id), *map(directory_ref, directories)]


def first_moves(git: Git, pull: LocalPullRequest, known: Mapping[str, str]) -> Moves:
    """As `moves`, for a new one: what finds it again comes before itself. `known` are the references that are there."""
    record = git.store(RECORD.dump_json(pull))
    index = dict.fromkeys(index_names(pull.request_id, pull.directories), record)
    own = {head_ref(pull.number): pull.head_sha, record_ref(pull.number): record}
    return _moves(index | own, known)


def _moves(names: Mapping[str, str], known: Mapping[str, str]) -> Moves:
    return {name: (new, known.get(name, NOTHING)) for name, new in names.items()}


def adopt(git: Git) -> None:
    """The index for pull requests of an earlier release, which had none."""
    if not needs_adoption(git):
        return
    records_now = git.references("refs/pull/*/record")
    index: dict[str, str] = {}
    for number, found in stored(git, numbers(git)):
        if found:
            names = index_names(found.request_id, found.directories)
            index |= dict.fromkeys(names, records_now[record_ref(number)])
    last = {LAST: index.pop(LAST)} if index else {}
    git.move(_moves(index | last, git.references("refs/infrallm")))


def needs_adoption(git: Git) -> bool:
    """One question where there is an index, as there nearly always is."""
    return git.resolve(LAST) is None and not git.refers(LAST) and bool(numbers(git))


def pack_sometimes(git: Git, number: int) -> None:
    if number % PACKED_AFTER == 0:
        git.run("pack-refs", "--all", "--prune")


def follow(git: Git, pulls: Iterable[LocalPullRequest]) -> list[LocalPullRequest]:
    """An open one follows its branch; where that is gone, it stays what it was."""
    pulls = list(pulls)
    names = {f"refs/heads/{pull.branch}" for pull in pulls if pull.state == "open"}
    heads = git.resolved(sorted(names))
    return [_followed(pull, heads) for pull in pulls]


def _followed(pull: LocalPullRequest, heads: dict[str, str | None]) -> LocalPullRequest:
    if pull.state != "open":
        return pull
    tip = heads[f"refs/heads/{pull.branch}"]
    return replace(pull, head_sha=tip or pull.head_sha, own_sha=pull.own)

"""How the embedded host keeps a pull request: two references that appear and change together, so that it is there as a
whole or not at all. `refs/pull/<number>/head` is the commit, as on GitHub; `refs/pull/<number>/record` a JSON blob."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter

from provisioning.adapters.local_git.git import NOTHING, Git
from provisioning.adapters.local_git.repository import BASE


@dataclass(frozen=True, slots=True)
class LocalPullRequest:
    """`base_sha` is where the branch left the base branch; `closed_by` also names who merged. A merge made with plain git
    is seen, but nobody can say who did it."""

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


RECORD = TypeAdapter(LocalPullRequest)


def records(git: Git) -> Iterator[LocalPullRequest]:
    listed = git.references("refs/pull/*/record").values()
    answers = git.run("cat-file", "--batch", stdin="".join(f"{sha}\n" for sha in listed).encode())
    while answers:
        header, _, rest = answers.partition(b"\n")
        size = int(header.split()[2])
        yield RECORD.validate_json(rest[:size])
        answers = rest[size + 1 :]


def with_current_state(git: Git, stored: Iterable[LocalPullRequest]) -> list[LocalPullRequest]:
    """An open one follows its branch, and is merged as soon as the base branch contains it, whoever did that and how."""
    heads = git.references("refs/heads")
    merged = set(git.references("refs/heads", "refs/pull/*/head", merged_into=BASE).values())

    def now(pull: LocalPullRequest) -> LocalPullRequest:
        if pull.state != "open":
            return pull
        head = heads.get(f"refs/heads/{pull.branch}", pull.head_sha)
        return replace(pull, head_sha=head, state="merged" if head in merged else "open")

    return [now(pull) for pull in stored]


def find(git: Git, number: int) -> LocalPullRequest | None:
    sha = git.resolve(f"refs/pull/{number}/record")
    return with_current_state(git, [RECORD.validate_json(git.text(sha))])[0] if sha else None


def moves(git: Git, pull: LocalPullRequest) -> dict[str, tuple[str, str]]:
    """What has to move for this to be the stored state."""
    record = git.store(RECORD.dump_json(pull))
    names = {
        f"refs/pull/{pull.number}/head": pull.head_sha,
        f"refs/pull/{pull.number}/record": record,
    }
    return {name: (names[name], old or NOTHING) for name, old in git.resolved(names).items()}

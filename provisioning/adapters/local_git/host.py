"""The embedded host of pull requests, for a portal that has no GitHub: any git client can clone its repository."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from provisioning.adapters.local_git.git import NOTHING, PORTAL, Git, Person
from provisioning.adapters.local_git.pulls import (
    LocalPullRequest,
    find,
    moves,
    records,
    with_current_state,
)
from provisioning.adapters.local_git.repository import BASE, GitRepository
from provisioning.domain import (
    Change,
    Memory,
    OpenedPullRequest,
    Placement,
    PlacementQuery,
    PullRequestState,
)
from provisioning.errors import (
    DirectoryConflictError,
    InvalidInputError,
    PortalError,
    PullRequestClosedError,
)
from provisioning.pipeline import branches


class LocalGit:
    """`pulls_url` is where the portal shows pull requests: "<pulls_url>/<number>"."""

    name = "local_git"

    def __init__(self, path: Path, pulls_url: str) -> None:
        self._repository = GitRepository(path)
        self._pulls_url = pulls_url.rstrip("/")
        self.path = self._repository.path

    # --- the port

    def place(self, query: PlacementQuery) -> Placement:
        git = self._repository.reading()
        known = with_current_state(git, records(git))
        own = next((pull for pull in known if pull.request_id == query.request_id), None)
        if own:
            return Placement(own.branch, opened=self._opened(own))
        return Placement(_branch(git, query), taken=self._taken(git, query, known))

    def _taken(
        self, git: Git, query: PlacementQuery, known: list[LocalPullRequest]
    ) -> dict[str, str]:
        by = {
            d: self._url(pull) for pull in known if pull.state != "closed" for d in pull.directories
        }
        wanted = {f"{BASE}:{d}": d for d in query.directories}
        found = git.resolved(wanted)
        in_base = {d: by.get(d, self._pulls_url) for name, d in wanted.items() if found[name]}
        held = {d for pull in known if pull.state == "open" for d in pull.directories}
        return in_base | {d: by[d] for d in query.directories if d in held}

    def open(self, change: Change) -> OpenedPullRequest:
        with self._repository.writing() as git:
            known = list(records(git))
            own = next((record for record in known if record.request_id == change.request_id), None)
            number = 1 + max((record.number for record in known), default=0)
            pull = with_current_state(git, [own])[0] if own else _open(git, change, number)
        if pull.state == "closed":
            raise PullRequestClosedError(
                f"{pull.closed_by} closed {self._url(pull)}, this request's pull request. Send a new one."
            )
        return self._opened(pull)

    def read(self, number: int, at: datetime, memory: Memory) -> tuple[PullRequestState, Memory]:
        pull = _existing(self._repository.reading(), number)
        state = PullRequestState(
            pull.state,
            pull.head_sha,
            at,
            pull.draft,
            ended_by=pull.closed_by,
            ended_at=pull.closed_at,
        )
        return state, memory

    def contents(self, directory: str, commit: str = "") -> Mapping[str, str]:
        return self._repository.reading().files(f"{commit or BASE}:{directory}")

    def directories(self, memory: Memory) -> tuple[Mapping[str, str], Memory]:
        pulls = [pull for pull in self.pull_requests() if pull.state == "open"]
        return {
            directory: self._url(pull) for pull in pulls for directory in pull.directories
        }, memory

    def health(self) -> str:
        try:
            self._repository.reading().run("rev-parse", "--verify", BASE)
        except PortalError as error:
            return f"error: {error.message}"
        return "embedded"

    # --- the review page

    def pull_request(self, number: int) -> LocalPullRequest | None:
        return find(self._repository.reading(), number)

    def pull_requests(self) -> list[LocalPullRequest]:
        """Newest first."""
        git = self._repository.reading()
        return sorted(with_current_state(git, records(git)), key=lambda pull: -pull.number)

    def files(self, pull: LocalPullRequest) -> tuple[str, ...]:
        return tuple(
            self._diff(pull, "--name-only", "-z").decode(errors="replace").split("\0")[:-1]
        )

    def diff(self, pull: LocalPullRequest) -> str:
        return self._diff(pull, "--patch", "--no-color", "--no-ext-diff", "--no-textconv").decode(
            errors="replace"
        )

    def _diff(self, pull: LocalPullRequest, *how: str) -> bytes:
        git = self._repository.reading()
        base = git.merge_base(BASE, pull.head_sha) if pull.state == "open" else pull.base_sha
        return git.run("diff-tree", "-r", *how, base, pull.head_sha)

    def merge(self, number: int, by: str) -> LocalPullRequest:
        """A second merge changes nothing. Raises `DirectoryConflictError` where the base branch changed the same file since."""
        with self._repository.writing() as git:
            pull = _existing(git, number)
            if pull.state == "closed":
                raise PullRequestClosedError(
                    f"Pull request #{number} was closed by {pull.closed_by} and cannot be merged."
                )
            return pull if pull.state == "merged" else _merge(git, pull, by)

    def close(self, number: int, by: str) -> LocalPullRequest:
        with self._repository.writing() as git:
            pull = _existing(git, number)
            if pull.state != "open":
                return pull
            closed = replace(pull, state="closed", closed_by=by, closed_at=datetime.now(UTC))
            git.move(moves(git, closed))
            return closed

    def _opened(self, pull: LocalPullRequest) -> OpenedPullRequest:
        return OpenedPullRequest(
            pull.number, self._url(pull), pull.branch, pull.head_sha, pull.state
        )

    def _url(self, pull: LocalPullRequest) -> str:
        return f"{self._pulls_url}/{pull.number}"


def _existing(git: Git, number: int) -> LocalPullRequest:
    pull = find(git, number)
    if pull is None:
        raise InvalidInputError("number", f"There is no pull request #{number}.")
    return pull


def _branch(git: Git, query: PlacementQuery) -> str:
    tips = git.resolved(f"refs/heads/{branch}" for branch in query.branches)
    messages = (git.message(tip) if tip else None for tip in tips.values())
    return branches.chosen(query, dict(zip(query.branches, messages, strict=True)))


def _open(git: Git, change: Change, number: int) -> LocalPullRequest:
    head = _head(git, change)
    pull = LocalPullRequest(
        number=number,
        request_id=change.request_id,
        branch=change.branch,
        title=change.title,
        body=change.body,
        created_at=datetime.now(UTC),
        head_sha=head,
        base_sha=git.merge_base(BASE, head),
        directories=change.directories,
        labels=change.labels,
        draft=change.draft,
    )
    git.move(moves(git, pull))
    return pull


def _head(git: Git, change: Change) -> str:
    """The branch's commit: an earlier attempt's, or made now."""
    head = git.resolve(f"refs/heads/{change.branch}")
    if head is not None:
        branches.refuse_somebody_elses(change, git.message(head))
        return head
    base = git.run("rev-parse", "--verify", BASE).decode().strip()
    made = git.commit(
        git.tree_with(base, change.files),
        [base],
        change.commit_message,
        PORTAL,
        change.committed_at,
    )
    git.move({f"refs/heads/{change.branch}": (made, NOTHING)})
    return made


def _merge(git: Git, pull: LocalPullRequest, by: str) -> LocalPullRequest:
    base = git.run("rev-parse", "--verify", BASE).decode().strip()
    tree = git.merged_tree(base, pull.head_sha)
    if tree is None:
        raise DirectoryConflictError(
            f"Pull request #{pull.number} changes a file that main has changed since. Merge it by hand."
        )
    message = f"Merge pull request #{pull.number} from {pull.branch}\n\n{pull.title}\n"
    now = datetime.now(UTC)
    merge = git.commit(tree, [base, pull.head_sha], message, _person(by), now)
    parted = git.merge_base(base, pull.head_sha)
    merged = replace(
        pull, state="merged", base_sha=parted, merge_sha=merge, closed_by=by, closed_at=now
    )
    git.move({BASE: (merge, base), **moves(git, merged)})
    return merged


def _person(by: str) -> Person:
    name = "".join(c for c in by if c.isprintable() and c not in "<>").strip(" .,:;\"'\\")
    return Person(name or "Somebody", PORTAL.email)

"""The embedded host of pull requests, for a portal that has no GitHub: any git client can clone its repository."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from provisioning.adapters.local_git import pulls, review
from provisioning.adapters.local_git.git import NOTHING, PORTAL, CommitIdentity, Git
from provisioning.adapters.local_git.merged import is_merged
from provisioning.adapters.local_git.objects import GitObject
from provisioning.adapters.local_git.pulls import LocalPullRequest
from provisioning.adapters.local_git.repository import GitRepository
from provisioning.domain import (
    Change,
    EtagCache,
    FileChange,
    OpenedPullRequest,
    Placement,
    PlacementQuery,
    PullRequestState,
)
from provisioning.domain.health import EMBEDDED, Health, failing
from provisioning.errors import (
    DirectoryConflictError,
    InvalidInputError,
    NotPossibleError,
    PortalError,
    PullRequestClosedError,
)
from provisioning.pipeline import branches

RECORDS_LOOKED_AT_AGAIN = 60.0  # seconds; health asks more often, and there may be many


class LocalGit:
    """`pulls_url` is where the portal shows pull requests: "<pulls_url>/<number>"."""

    name = "local_git"
    writes = 0

    def __init__(self, path: Path, pulls_url: str) -> None:
        self._repository = GitRepository(path)
        self._pulls_url = pulls_url.rstrip("/")
        self._unreadable: tuple[float, list[int]] = (-RECORDS_LOOKED_AT_AGAIN, [])
        self.path = self._repository.path

    # --- the port

    def place(self, query: PlacementQuery) -> Placement:
        git = self._reading()
        own = pulls.of_request(git, query.request_id)
        if own:
            own = self._now(git, own)
            return Placement(own.branch, opened=self._opened(own))
        return Placement(_branch(git, query), taken=self._taken(git, query.directories))

    def _taken(self, git: Git, directories: Sequence[str]) -> dict[str, str]:
        base = self._repository.base()
        names = {directory: f"{base}:{directory}" for directory in directories}
        there = git.resolved(names.values())
        taken: dict[str, str] = {}
        for directory, name in names.items():
            holder = self._holder(git, directory)
            is_open = holder is not None and holder.state == "open"
            if there[name] is None and not is_open:
                continue
            # One that was closed brought nothing: whoever put it there did it without the portal.
            known = holder is not None and holder.state != "closed"
            taken[directory] = self._url(holder) if holder and known else self._pulls_url
        return taken

    def _holder(self, git: Git, directory: str) -> LocalPullRequest | None:
        """The newest pull request that asked for the directory."""
        first = pulls.parsed(git.object(pulls.directory_ref(directory)))
        return self._now(git, pulls.find(git, first.number) or first) if first else None

    def open(self, change: Change) -> OpenedPullRequest:
        """As the port says. Raises `PullRequestClosedError` where somebody has closed this request's pull request."""
        with self._repository.writing() as git:
            # Records of an earlier version are brought into today's shape before anything is looked up.
            pulls.adopt(git)
            own = pulls.of_request(git, change.request_id)
            pull = self._complete(git, own) if own else self._open(git, change)
        if pull.state == "closed":
            raise PullRequestClosedError(
                f"{pull.closed_by} closed {self._url(pull)}, this request's pull request. "
                "Send a new one."
            )
        return self._opened(pull)

    def _open(self, git: Git, change: Change) -> LocalPullRequest:
        base = self._repository.base_commit(git)
        head, moves = _head(git, change, base)
        known = git.references(*pulls.index_names(change.request_id, change.directories))
        number = _number(git, change, head, known)
        pull = LocalPullRequest(
            number=number,
            request_id=change.request_id,
            branch=change.branch,
            title=change.title,
            body=change.body,
            created_at=datetime.now(UTC),
            head_sha=head,
            own_sha=head,
            base_sha=base if moves else git.merge_base(base, head) or base,
            directories=change.directories,
            labels=change.labels,
            draft=change.draft,
        )
        # In one go, and the branch first: a kill in between leaves what the next attempt finds by its branch.
        git.move(moves | pulls.first_moves(git, pull, known))
        pulls.pack_sometimes(git, pull.number)
        return pull

    def _complete(self, git: Git, own: LocalPullRequest) -> LocalPullRequest:
        """What a kill left half made; nothing where it is whole."""
        if git.resolve(pulls.record_ref(own.number)) is None:
            git.move(pulls.moves(git, own))
        return self._now(git, own)

    def read(
        self, number: int, at: datetime, memory: EtagCache
    ) -> tuple[PullRequestState, EtagCache]:
        git = self._reading()
        pull = self._now(git, _existing(git, number))
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
        return self._reading().files(f"{commit or self._repository.base()}:{directory}")

    def directories(self, memory: EtagCache) -> tuple[Mapping[str, str], EtagCache]:
        changed = {}
        for pull in self.pull_requests():
            if pull.state == "open":
                for directory in pull.directories:
                    changed[directory] = self._url(pull)
        # Nothing is remembered: asking the own disk costs less than an ETag.
        return changed, memory

    def health(self) -> Health:
        try:
            self._repository.try_what_requests_need()
            unreadable = self._unreadable_now()
        except PortalError as error:
            return failing(error.message)
        if unreadable:
            named = ", ".join(f"#{number}" for number in unreadable[:5])
            return failing(
                f"The record of {len(unreadable)} pull requests cannot be read ({named}). "
                "An operator must restore them from a backup."
            )
        return EMBEDDED

    def _unreadable_now(self) -> list[int]:
        looked_at, found = self._unreadable
        if time.monotonic() - looked_at >= RECORDS_LOOKED_AT_AGAIN:
            found = self.unreadable()
            self._unreadable = time.monotonic(), found
        return found

    # --- the review page

    def pull_request(self, number: int) -> LocalPullRequest | None:
        """Raises `UpstreamUnavailableError` where its record is there and cannot be read."""
        git = self._reading()
        found = pulls.find(git, number)
        return self._now(git, found) if found else None

    def pull_requests(self) -> list[LocalPullRequest]:
        """Newest first, each looked at: for a few, or for a command that may take its time."""
        git = self._reading()
        base = self._repository.base_commit(git)
        followed = pulls.follow(git, pulls.records(git))
        found = [_state(git, base, pull) for pull in followed]
        return sorted(found, key=lambda one: -one.number)

    def stored(self, numbers: Sequence[int]) -> dict[int, LocalPullRequest]:
        """As their records say; those that cannot be read are left out. One question for all."""
        return {pull.number: pull for pull in pulls.records(self._reading(), numbers)}

    def unreadable(self) -> list[int]:
        """The numbers of the pull requests whose record is missing or damaged."""
        git = self._reading()
        return [number for number, pull in pulls.stored(git, pulls.numbers(git)) if pull is None]

    def changes(self, pull: LocalPullRequest) -> tuple[FileChange, ...]:
        git = self._reading()
        return review.changes(git, self._repository.base_commit(git), pull)

    def merge(self, number: int, by: str) -> LocalPullRequest:
        """A second merge changes nothing. Raises `DirectoryConflictError` where the base branch changed the same file since,
        and `NotPossibleError` where the branch brings nothing."""
        with self._repository.writing() as git:
            pull = self._now(git, _existing(git, number))
            if pull.state == "closed":
                raise PullRequestClosedError(
                    f"Pull request #{number} was closed by {pull.closed_by} and cannot be merged."
                )
            return pull if pull.state == "merged" else self._merge(git, pull, by)

    def _merge(self, git: Git, pull: LocalPullRequest, by: str) -> LocalPullRequest:
        name, base = self._repository.base(), self._repository.base_commit(git)
        if git.contains(base, pull.head_sha):
            raise NotPossibleError(
                f"The branch of pull request #{pull.number} brings nothing that the base branch "
                "lacks. Push to it what is to be merged, or close the pull request."
            )
        merged = _merged(git, base, pull, by)
        git.move({name: (merged.merge_sha, base), **pulls.moves(git, merged)})
        return merged

    def close(self, number: int, by: str) -> LocalPullRequest:
        with self._repository.writing() as git:
            pull = self._now(git, _existing(git, number))
            if pull.state != "open":
                return pull
            closed = replace(pull, state="closed", closed_by=by, closed_at=datetime.now(UTC))
            git.move(pulls.moves(git, closed))
            return closed

    # ---

    def _reading(self) -> Git:
        git = self._repository.reading()
        if pulls.needs_adoption(git):
            with self._repository.writing() as writing:
                pulls.adopt(writing)
        return git

    def _now(self, git: Git, pull: LocalPullRequest) -> LocalPullRequest:
        if pull.state != "open":
            return pull
        return _state(git, self._repository.base_commit(git), pulls.follow(git, [pull])[0])

    def _opened(self, pull: LocalPullRequest) -> OpenedPullRequest:
        return OpenedPullRequest(
            pull.number, self._url(pull), pull.branch, pull.head_sha, pull.state
        )

    def _url(self, pull: LocalPullRequest) -> str:
        return f"{self._pulls_url}/{pull.number}"


def _state(git: Git, base: str, pull: LocalPullRequest) -> LocalPullRequest:
    if pull.state == "open" and is_merged(git, base, pull):
        return replace(pull, state="merged")
    return pull


def _existing(git: Git, number: int) -> LocalPullRequest:
    pull = pulls.find(git, number)
    if pull is None:
        raise InvalidInputError("number", f"There is no pull request #{number}.")
    return pull


def _branch(git: Git, query: PlacementQuery) -> str:
    names = [f"refs/heads/{branch}" for branch in query.branches]
    tips = git.objects.get(names)
    messages = {}
    for branch, name in zip(query.branches, names, strict=True):
        messages[branch] = _message(tips[name])
    return branches.chosen(query, messages)


def _message(commit: GitObject | None) -> str | None:
    return commit.text.partition("\n\n")[2] if commit else None


def _earlier_head(git: Git, change: Change) -> str | None:
    """The branch's commit that an earlier attempt of this request made."""
    found = git.object(f"refs/heads/{change.branch}")
    if found is None:
        return None
    branches.refuse_somebody_elses(change, _message(found) or "")
    return found.sha


def _head(git: Git, change: Change, base: str) -> tuple[str, dict[str, tuple[str, str]]]:
    """The commit that the pull request begins with, and the move of its branch where it is new."""
    earlier = _earlier_head(git, change)
    if earlier:
        return earlier, {}
    made = git.commit_files(base, change.files, change.commit_message, change.committed_at)
    return made, {f"refs/heads/{change.branch}": (made, NOTHING)}


def _number(git: Git, change: Change, head: str, known: dict[str, str]) -> int:
    """A new one; but the one that the request has already where its index can no longer be read. `known` learns what is
    there of it."""
    if not _is_indexed(change, known):
        return pulls.next_number(git)
    for name, sha in git.references("refs/pull/*/head").items():
        if sha == head:
            number = int(name.split("/")[2])
            known |= git.references(pulls.head_ref(number), pulls.record_ref(number))
            return number
    return pulls.next_number(git)


def _is_indexed(change: Change, known: Mapping[str, str]) -> bool:
    return pulls.request_ref(change.request_id) in known


def _merged(git: Git, base: str, pull: LocalPullRequest, by: str) -> LocalPullRequest:
    tree = git.merged_tree(base, pull.head_sha)
    if tree is None:
        raise DirectoryConflictError(
            f"Pull request #{pull.number} changes a file that main has changed since. "
            "Merge it by hand."
        )
    message = f"Merge pull request #{pull.number} from {pull.branch}\n\n{pull.title}\n"
    now = datetime.now(UTC)
    return replace(
        pull,
        state="merged",
        base_sha=git.merge_base(base, pull.head_sha) or pull.base_sha,
        merge_sha=git.commit(tree, [base, pull.head_sha], message, _person(by), now),
        closed_by=by,
        closed_at=now,
    )


def _person(by: str) -> CommitIdentity:
    # Git ends a name at "<" and drops these signs at its ends, and then refuses a name that is empty.
    visible = [sign for sign in by if sign.isprintable() and sign not in "<>"]
    name = "".join(visible).strip(" .,:;\"'\\")
    return CommitIdentity(name or "Somebody", PORTAL.email)

"""One change to the repository, and where it may go."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from provisioning.domain.pull_request import OpenedPullRequest

# No way out of the repository, nothing in `.git`, no control character, no backslash of another system.
_PATH = re.compile(r"(?!.*(?:^|/)(?:\.{0,2}|\.git)(?:/|$))[^\x00-\x1f\x7f\\]+", re.IGNORECASE)
# What git itself refuses (git-check-ref-format), and no sign that a shell or an address would take for its own.
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)))[A-Za-z0-9][A-Za-z0-9._/-]*(?<![./])")

# An address that nobody can have (RFC 2606): mail about a commit goes to no stranger.
COMMIT_AUTHOR = ("InfraLLM Portal", "portal@infrallm.invalid")


TRAIL_TRAILER = "InfraLLM-Trail"


def request_trailer(request_id: str) -> str:
    return f"InfraLLM-Request: {request_id}"


def is_work_of(request_id: str, commit_message: str) -> bool:
    """The trailer is how a later attempt recognizes what an earlier one did."""
    return request_trailer(request_id) in commit_message.splitlines()


@dataclass(frozen=True, slots=True)
class Change:
    """One commit on one branch and its pull request. The same change has the same bytes, author and date each time, so
    that a replay makes the same commit. `files` maps repository paths to contents. `fresh` promises that no earlier
    attempt of this request ever got as far as publishing, which saves the looks for its own traces; where that is
    wrong, the host's refusal to make the branch again still leads to them."""

    request_id: str
    branch: str
    title: str
    body: str
    commit_message: str
    committed_at: datetime
    files: Mapping[str, str]
    directories: tuple[str, ...]
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    team_reviewers: tuple[str, ...] = ()
    draft: bool = False
    fresh: bool = False

    def __post_init__(self) -> None:
        """Refuses what would leave the repository. Both are made of checked words, so this is a bug and not an error."""
        outside = [path for path in self.files if not _PATH.fullmatch(path)]
        if outside or not _BRANCH.fullmatch(self.branch):
            raise ValueError(f"not a path or branch of a repository: {outside or self.branch!r}")


@dataclass(frozen=True, slots=True)
class PlacementQuery:
    """`branches` are the candidates in order of preference: one that carries this request's own commit is chosen, else
    the first free one. `fresh` means what it means in a `Change`."""

    request_id: str
    branches: Sequence[str]
    directories: Sequence[str]
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a request's work may go, found out before anything is created. `taken` maps a directory to the link of what
    holds it; `opened` is this request's own pull request of an earlier attempt."""

    branch: str
    taken: Mapping[str, str] = field(default_factory=dict)
    opened: OpenedPullRequest | None = None

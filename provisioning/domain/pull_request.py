"""As it was opened, and as it was last seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

State = Literal["open", "merged", "closed"]
Review = Literal["none", "approved", "changes_requested"]
Checks = Literal["none", "pending", "passed", "failed"]
EtagCache = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenedPullRequest:
    """`state` is the host's word when it was looked at. `notes` are sentences about what
    the host did not accept beside the pull request itself (a label, a reviewer)."""

    number: int
    url: str
    branch: str
    commit_sha: str
    state: State = "open"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PullRequestState:
    """One look at a pull request. `looked_at` is when it began; `reviewers` are those whose verdict `review` is; `ended_by`
    merged or closed it, and is empty where nobody can say. Parts that this look did not get are named: in `unread` after an
    outage (what was known before stays), in `refused` where the key may not see them."""

    state: State
    head_sha: str
    looked_at: datetime
    draft: bool = False
    review: Review = "none"
    reviewers: tuple[str, ...] = ()
    checks: Checks = "none"
    ended_by: str = ""
    ended_at: datetime | None = None
    unread: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

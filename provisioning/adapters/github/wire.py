"""The few fields of GitHub's answers that the portal reads. Anything else in them is ignored."""

import base64
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, TypeAdapter

from provisioning.domain import OpenedPullRequest


class Sha(BaseModel):
    sha: str


class GitCommit(BaseModel):
    message: str
    tree: Sha


class Commit(BaseModel):
    sha: str
    commit: GitCommit


class Head(BaseModel):
    ref: str
    sha: str


class User(BaseModel):
    login: str


class Pull(BaseModel):
    number: int
    html_url: str
    state: Literal["open", "closed"]
    merged_at: datetime | None = None
    closed_at: datetime | None = None
    merged_by: User | None = None
    draft: bool = False
    head: Head

    def opened(self) -> OpenedPullRequest:
        state: Literal["open", "merged", "closed"] = "merged" if self.merged_at else self.state
        return OpenedPullRequest(self.number, self.html_url, self.head.ref, self.head.sha, state)


class Permissions(BaseModel):
    push: bool = False


class Repository(BaseModel):
    full_name: str
    default_branch: str
    node_id: str = ""
    archived: bool = False
    permissions: Permissions | None = None


class IssueEvent(BaseModel):
    """The actor is gone when the account is."""

    event: str
    actor: User | None = None


class Review(BaseModel):
    """The user is gone when the account is. `author_association` says how close the reviewer is to the repository."""

    user: User | None
    state: str
    author_association: str = ""


class CheckRun(BaseModel):
    """The conclusion is null until the run is completed."""

    conclusion: str | None


class CheckRuns(BaseModel):
    check_runs: list[CheckRun]


class CommitStatus(BaseModel):
    state: str


class Statuses(BaseModel):
    statuses: list[CommitStatus]


class ChangedFile(BaseModel):
    filename: str


class Comparison(BaseModel):
    files: list[ChangedFile]


class Entry(BaseModel):
    """Of a directory; a submodule or a symbolic link is no file."""

    name: str
    sha: str
    type: str


class Blob(BaseModel):
    """https://docs.github.com/en/rest/git/blobs#get-a-blob"""

    content: str
    encoding: str

    @property
    def text(self) -> str:
        return base64.b64decode(self.content).decode(errors="replace")


class Reference(BaseModel):
    ref: str


class Label(BaseModel):
    name: str


FOUND: TypeAdapter[Entry | list[Entry]] = TypeAdapter(Entry | list[Entry])
LABELS = TypeAdapter(list[Label])
COMMITS = TypeAdapter(list[Commit])
ENTRIES = TypeAdapter(list[Entry])
PULLS = TypeAdapter(list[Pull])

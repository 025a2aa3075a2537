"""The values that travel along the path of a request. Plain and frozen; nothing here knows Django or a service."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Scalar = str | int | float | bool
ParameterValue = Scalar | tuple[str, ...] | None
OriginKind = Literal["text", "field", "answer", "policy", "default"]
Outcome = Literal["ok", "clarify", "reject"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from. `detail` is the quoted words, the field's, question's or policy's name, or which default;
    `start` and `end` are the span of the quoted words in the request's text (kind "text" only)."""

    kind: OriginKind
    detail: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Value:
    value: ParameterValue
    origin: Origin


@dataclass(frozen=True, slots=True)
class Question:
    """`id` is what an answer refers to: "resource_type", "environment" or "<type>.<parameter path>"."""

    id: str
    text: str
    choices: tuple[str, ...] = ()
    recommended: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person sends. `environment`, `team` and `service` are fields and win over the text; `answers` maps a
    question's id to the answer given to it; `follow_up_of` is the id of the request that asked."""

    text: str
    requester: str
    team: str = ""
    service: str = ""
    environment: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    follow_up_of: str = ""


# --- what a parser claims; nothing of it is trusted before pipeline.understand has checked it


@dataclass(frozen=True, slots=True)
class ReadValue:
    """`name` is a parameter path of the catalog ("engine", "node_groups[0].desired_size"); `quote` the words of the text
    that say so, verbatim."""

    name: str
    value: ParameterValue
    quote: str


@dataclass(frozen=True, slots=True)
class ReadResource:
    type: str
    parameters: tuple[ReadValue, ...] = ()
    application: str = ""
    environment: str | None = None
    environment_quote: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one understanding cost. `cost_usd` is an estimate from the prices in the settings."""

    model: str = ""
    service_request_id: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float = 0.0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    outcome: Outcome
    resources: tuple[ReadResource, ...] = ()
    questions: tuple[Question, ...] = ()
    reason: str = ""
    parser: str = ""
    usage: Usage = Usage()
    notes: tuple[str, ...] = ()


# --- what is settled: every value has an origin


@dataclass(frozen=True, slots=True)
class Resource:
    """One Terraform root module to be. `name` is unique per type and environment and names the directory; `aws_name` is
    the name in AWS after the platform's pattern. `parameters` maps each leaf path to its value."""

    type: str
    application: Value
    name: str
    aws_name: str
    environment: Value
    parameters: Mapping[str, Value]
    tags: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Requirements:
    """`notes` are sentences for the requester: what was overridden, adjusted, or understood by a fallback."""

    resources: tuple[Resource, ...]
    parser: str
    usage: Usage = Usage()
    notes: tuple[str, ...] = ()


# --- what is written


@dataclass(frozen=True, slots=True)
class RenderedResource:
    """`structure` are the choices that decide which blocks exist; `template_digest` names the exact template."""

    type: str
    name: str
    directory: str
    files: Mapping[str, str]
    structure: Mapping[str, Scalar | None]
    template_digest: str


@dataclass(frozen=True, slots=True)
class Check:
    """`passed` None means that it was skipped; `detail` then says why."""

    name: str
    tool: str
    passed: bool | None
    detail: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    add: int
    change: int
    destroy: int
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckReport:
    checks: tuple[Check, ...]
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Generated:
    """Requirements after policy, the files, and what was checked: a preview shows exactly what a pull request will hold."""

    requirements: Requirements
    resources: tuple[RenderedResource, ...]
    report: CheckReport


# --- what is published

_PATH = re.compile(r"(?!.*(?:^|/)(?:\.{0,2}|\.git)(?:/|$))[^\x00-\x1f\x7f\\]+", re.IGNORECASE)
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|$)))[A-Za-z0-9][A-Za-z0-9._/-]*(?<![./])")

COMMIT_AUTHOR = ("InfraLLM Portal", "portal@infrallm.invalid")


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
class OpenedPullRequest:
    """`state` is the host's word when it was looked at: "open", "merged" or "closed". `notes` are sentences about what
    the host did not accept beside the pull request itself (a label, a reviewer)."""

    number: int
    url: str
    branch: str
    commit_sha: str
    state: Literal["open", "merged", "closed"] = "open"
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a request's work may go, found out before anything is created. `taken` maps a directory to the link of what
    holds it; `opened` is this request's own pull request of an earlier attempt."""

    branch: str
    taken: Mapping[str, str] = field(default_factory=dict)
    opened: OpenedPullRequest | None = None


@dataclass(frozen=True, slots=True)
class PlacementQuery:
    """`branches` are the candidates in order of preference: one that carries this request's own commit is chosen, else
    the first free one. `fresh` means what it means in a `Change`."""

    request_id: str
    branches: Sequence[str]
    directories: Sequence[str]
    fresh: bool = False


# --- what became of it

Review = Literal["none", "approved", "changes_requested"]
Checks = Literal["none", "pending", "passed", "failed"]
Memory = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PullRequestState:
    """One look at a pull request. `looked_at` is when it began; `reviewers` are those whose verdict `review` is; `ended_by`
    merged or closed it, and is empty where nobody can say."""

    state: Literal["open", "merged", "closed"]
    head_sha: str
    looked_at: datetime
    draft: bool = False
    review: Review = "none"
    reviewers: tuple[str, ...] = ()
    checks: Checks = "none"
    ended_by: str = ""
    ended_at: datetime | None = None

"""The three doors to the outside. Each has two implementations that run; `tests/test_*_contract.py` hold both to
the same promises. Every method may raise the errors of `provisioning.errors` and no other on purpose."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from provisioning.catalog import Catalog
from provisioning.domain import (
    Change,
    CheckReport,
    EtagCache,
    OpenedPullRequest,
    Placement,
    PlacementQuery,
    PullRequestState,
    Reading,
    RenderedResource,
    Submission,
)
from provisioning.domain.health import Health


class RequestParser(Protocol):
    """Reads a sentence. What it answers is a claim: `pipeline.understand` checks each word of it."""

    name: str

    def read(
        self,
        submission: Submission,
        catalog: Catalog,
        complaints: Sequence[str] = (),
        first: str = "",
    ) -> Reading:
        """`complaints` are what was wrong with the previous reading of the same submission (one
        repair turn), and `first` is the `answer` of that reading."""
        ...

    def health(self) -> Health:
        """Cheap, cached, never raises."""
        ...


class TerraformChecker(Protocol):
    """Reads what was written before anybody else does. Never needs credentials or the network."""

    name: str

    def check(self, rendered: Sequence[RenderedResource]) -> CheckReport:
        """Raises `CheckFailedError` for the first failing check, with its words."""
        ...

    def health(self) -> Health: ...


class PullRequests(Protocol):
    """A repository host."""

    name: str

    @property
    def writes(self) -> int:
        """What one pull request costs of the host's bound on what is created, without labels and reviewers."""
        ...

    def place(self, query: PlacementQuery) -> Placement:
        """Only looks. Finds this request's own work again by the trailer in its commit."""
        ...

    def open(self, change: Change) -> OpenedPullRequest:
        """Exactly one branch, one commit and one pull request for the change, however often it is called or was killed."""
        ...

    def health(self) -> Health: ...


class PullRequestReader(Protocol):
    """The same host, asked what became of a pull request."""

    def read(
        self, number: int, at: datetime, memory: EtagCache
    ) -> tuple[PullRequestState, EtagCache]:
        """One look. `at` is the beginning by a clock that all workers share. The memory goes into JSON and back into the
        next look, which then need not be told again what did not change."""
        ...

    def contents(self, directory: str, commit: str = "") -> Mapping[str, str]:
        """The files right in a directory by their names, as they are at a commit, or on the base branch; none where there
        is no such directory."""
        ...

    def directories(self, memory: EtagCache) -> tuple[Mapping[str, str], EtagCache]:
        """Which directories the open pull requests change, whoever opened them, with their links. For a schedule: what is
        known beforehand costs a request no call."""
        ...

"""Labels and reviewers. They are additive, so a repeat is harmless; what is refused becomes a note: the pull request stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.adapters.github.client import Client
from provisioning.adapters.github.errors import GitHubRefusedError
from provisioning.adapters.github.wire import LABELS, Pull
from provisioning.domain import Change
from provisioning.errors import UpstreamUnavailableError


@dataclass(frozen=True, slots=True)
class _Wish:
    """One call that adds several. `names` maps its fields to what is wished for."""

    path: str
    shape: Any
    doing: str
    names: Mapping[str, tuple[str, ...]]


def decorate(client: Client, number: int, change: Change) -> tuple[str, ...]:
    """The notes. Raises `UpstreamUnavailableError` where the first attempt's labels are refused: right after the pull request
    was opened that may pass by itself, and the next attempt adds them."""
    labels = _Wish(f"/issues/{number}/labels", LABELS, "adding labels", {"labels": change.labels})
    people = {"reviewers": change.reviewers, "team_reviewers": change.team_reviewers}
    reviewers = _Wish(f"/pulls/{number}/requested_reviewers", Pull, "asking reviewers", people)
    try:
        notes = [*_grant(client, labels, patient=change.fresh)]
    except GitHubRefusedError as refused:
        raise UpstreamUnavailableError(f"{refused.message} They are tried once more.") from refused
    return (*notes, *_grant(client, reviewers))


def _grant(client: Client, wish: _Wish, *, patient: bool = False) -> Iterator[str]:
    """One name that is impossible (the author as a reviewer) refuses the whole call: then each is tried by itself."""
    if not any(wish.names.values()):
        return
    try:
        # https://docs.github.com/en/rest/issues/labels#add-labels-to-an-issue and
        # https://docs.github.com/en/rest/pulls/review-requests#request-reviewers-for-a-pull-request
        client.post(wish.path, wish.shape, wish.doing, wish.names)
    except GitHubRefusedError as refused:
        if patient and refused.status == 422:
            raise
        yield from _one_by_one(client, wish, refused)


def _one_by_one(client: Client, wish: _Wish, refused: GitHubRefusedError) -> Iterator[str]:
    single = [(field, name) for field, names in wish.names.items() for name in names]
    if len(single) == 1:
        yield refused.message
        return
    for field, name in single:
        try:
            client.post(wish.path, wish.shape, f"{wish.doing} ({name})", {field: [name]})
        except GitHubRefusedError as error:
            yield error.message

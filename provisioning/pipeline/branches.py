"""Whose a branch is: the trailer in its commit's message says so, at every host alike."""

from collections.abc import Mapping

from provisioning.domain import Change, PlacementQuery, is_work_of
from provisioning.errors import BranchTakenError


def chosen(query: PlacementQuery, messages: Mapping[str, str | None]) -> str:
    """`messages` has the message of the last commit of each candidate, None for a branch that is not there."""
    own = (
        name
        for name, message in messages.items()
        if message is not None and is_work_of(query.request_id, message)
    )
    free = (name for name, message in messages.items() if message is None)
    branch = next(own, None) or next(free, None)
    if branch is None:
        names = ", ".join(query.branches)
        raise BranchTakenError(
            f"All names for the branch are taken: {names}. An operator should delete one."
        )
    return branch


def refuse_somebody_elses(change: Change, message: str) -> None:
    """Raises `BranchTakenError` where the branch's commit carries another request's trailer, or none."""
    if not is_work_of(change.request_id, message):
        raise BranchTakenError(
            f"The branch {change.branch} is somebody else's. The next attempt takes another name."
        )

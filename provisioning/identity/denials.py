"""Every refusal of a right is an event of the trail; this is the one place that writes it."""

from provisioning.domain.identity import Action
from provisioning.trail import record
from provisioning.trail.record import TrailEntry


def note_denial(action: Action, kind: str, target: str = "", path: str = "") -> None:
    """Of somebody who is known. A call without a sign-in is asked for one, which denies nobody anything."""
    data = {"action": action.value}
    if path:
        data["path"] = path[:200]
    record.record(TrailEntry("access.denied", kind, target, result="refused", data=data))

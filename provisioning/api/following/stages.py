"""When each stage of a request ran, out of its events."""

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Any

from provisioning.api.schemas.moments import zulu
from provisioning.models import UNFINISHED, Status

# A status and the moment at which it came, as JSON has them.
Event = tuple[str, str]


def stages(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Since the request was last put in the queue. A stage that a dead worker left and another began again runs from its
    first start to its last end."""
    latest = _since_queued(events)
    found: dict[str, dict[str, Any]] = {}
    for (status, began), following in zip_longest(latest, latest[1:]):
        if status in UNFINISHED:
            stage = found.setdefault(status, _begun(status, began))
            _end(stage, following)
    return [_without_marks(stage) for stage in found.values()]


def _since_queued(events: Sequence[Event]) -> Sequence[Event]:
    queued = [index for index, (status, _) in enumerate(events) if status == Status.QUEUED]
    return events[queued[-1] :] if queued else events


def _begun(status: str, began: str) -> dict[str, Any]:
    moment = datetime.fromisoformat(began)
    return {"name": status, "began_at": zulu(moment), "began": moment}


def _end(stage: dict[str, Any], following: Event | None) -> None:
    ended = datetime.fromisoformat(following[1]) if following else None
    stage["ended_at"] = zulu(ended) if ended else None
    stage["seconds"] = round((ended - stage["began"]).total_seconds(), 3) if ended else None


def _without_marks(stage: dict[str, Any]) -> dict[str, Any]:
    return {name: stage[name] for name in ("name", "began_at", "ended_at", "seconds")}

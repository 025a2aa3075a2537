"""The stages of one request with when each ran and for how long, out of its events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from provisioning.domain import Generated, Requirements
from provisioning.domain.status import TERMINAL, Status
from provisioning.errors import by_code
from provisioning.web.display.status import PHASES

if TYPE_CHECKING:
    from provisioning.models import ProvisionRequest, RequestEvent

State = Literal["done", "running", "failed", "stopped", "waiting", "skipped"]
STAGES = tuple(PHASES)
LOOK: dict[State, tuple[str, str, str]] = {
    "done": ("ok", "done", "done"),
    "running": ("run", "running", "in progress"),
    "failed": ("bad", "failed", "failed"),
    "stopped": ("idle", "stopped", "stopped"),
    "waiting": ("wait", "circle", "waiting"),
    "skipped": ("wait", "minus", "not started"),
}


@dataclass(frozen=True, slots=True)
class Stage:
    """`offset` and `width` are percentages of the time between the first stage's start and the last one's end."""

    title: str
    state: State
    detail: str = ""
    seconds: float | None = None
    offset: float = 0.0
    width: float = 0.0

    @property
    def css_class(self) -> str:
        return LOOK[self.state][0]

    @property
    def icon(self) -> str:
        return LOOK[self.state][1]

    @property
    def word(self) -> str:
        return LOOK[self.state][2]


Span = tuple[datetime, datetime | None]
# When the first bar begins, and how many seconds the whole width stands for.
Scale = tuple[datetime, float]
# In percent. A stage of milliseconds would be no bar at all, and one at the very end would begin outside of the picture.
NARROWEST_BAR = 1.5
LAST_OFFSET = 100 - NARROWEST_BAR


def stages(
    provision_request: "ProvisionRequest",
    events: "Sequence[RequestEvent]",
    now: datetime,
    why_waiting: str = "",
) -> tuple[Stage, ...]:
    """Of what happened since the request was last put in the queue; earlier attempts are in the activity. A stage that a dead
    worker left and another began again shows from its first start to its last end."""
    spans = _spans(_since_queued(events))
    scale = _scale(spans, now)
    found = []
    for status in STAGES:
        stage = _stage(provision_request, status, spans, scale, now)
        if why_waiting and stage.state == "running":
            stage = replace(stage, detail=why_waiting)
        found.append(stage)
    return tuple(found)


def _scale(spans: Mapping[Status, Span], now: datetime) -> Scale:
    start = min((begun for begun, _ in spans.values()), default=now)
    end = max((ended or now for _, ended in spans.values()), default=now)
    # Never nothing: everything may have happened within one tick of the clock, and this divides.
    return start, max((end - start).total_seconds(), 0.001)


def took(events: "Sequence[RequestEvent]", now: datetime) -> float:
    """Seconds that the portal worked on it or had it in its queue. What came after an end is not its
    work: a review, a merge, the time until somebody tried again."""
    seconds = 0.0
    ends = [event.at for event in events[1:]] + [now]
    for event, end in zip(events, ends, strict=True):
        if event.status not in TERMINAL:
            seconds += (end - event.at).total_seconds()
    return seconds


def _since_queued(events: "Sequence[RequestEvent]") -> "Sequence[RequestEvent]":
    # A retry begins a new story; the bars of two would lie over each other.
    queued = [index for index, event in enumerate(events) if event.status == Status.QUEUED]
    return events[queued[-1] :] if queued else events


def _spans(events: "Sequence[RequestEvent]") -> dict[Status, Span]:
    spans: dict[Status, Span] = {}
    for event, following in zip(events, [*events[1:], None], strict=True):
        status = Status(event.status)
        if status not in PHASES:
            continue
        begun = spans[status][0] if status in spans else event.at
        spans[status] = (begun, following.at if following else None)
    return spans


def _stage(
    provision_request: "ProvisionRequest",
    status: Status,
    spans: Mapping[Status, Span],
    scale: Scale,
    now: datetime,
) -> Stage:
    state = _state(provision_request, status, spans)
    stage = Stage(PHASES[status].title, state, _detail(provision_request, status, state))
    if status not in spans:
        return stage
    begun, ended = spans[status]
    start, whole = scale
    seconds = ((ended or now) - begun).total_seconds()
    offset = 100 * (begun - start).total_seconds() / whole
    width = max(100 * seconds / whole, NARROWEST_BAR)
    return replace(
        stage,
        seconds=seconds,
        offset=round(min(offset, LAST_OFFSET), 1),
        width=round(min(width, 100.0), 1),
    )


def _state(
    provision_request: "ProvisionRequest", status: Status, spans: Mapping[Status, Span]
) -> State:
    if provision_request.status == status:
        return "running"
    # What a preview understood is taken over and not read again, so the stage never ran.
    taken_over = status is Status.PARSING and status not in spans
    if taken_over and provision_request.requirements_json:
        return "done"
    if not provision_request.finished:
        passed = status in spans and _before(status, provision_request)
        return "done" if passed else "waiting"
    if status not in spans:
        return "skipped"
    if provision_request.status == Status.FAILED and status == _last(spans):
        outcome = by_code(provision_request.error_code).outcome
        return "stopped" if outcome in {"stopped", "question"} else "failed"
    return "done"


def _before(status: Status, provision_request: "ProvisionRequest") -> bool:
    return STAGES.index(status) < STAGES.index(Status(provision_request.status))


def _last(spans: Mapping[Status, Span]) -> Status:
    return max(spans, key=STAGES.index)


def _detail(provision_request: "ProvisionRequest", status: Status, state: State) -> str:
    if state == "skipped":
        return "Not started"
    if status is Status.QUEUED:
        return _queued(provision_request, state)
    if status is Status.PARSING:
        return _understood(provision_request.requirements)
    if status is Status.GENERATING:
        return _written(provision_request.generated)
    opened = provision_request.opened
    return f"Pull request #{opened.number}" if opened else ""


def _queued(provision_request: "ProvisionRequest", state: State) -> str:
    if state != "running":
        return "Picked up by a worker" if provision_request.attempt else ""
    return "Waits for a worker"


def _understood(requirements: Requirements | None) -> str:
    if requirements is None:
        return ""
    places = []
    stated = 0
    for resource in requirements.resources:
        places.append(f"{resource.name} in {resource.environment.value}")
        for value in resource.parameters.values():
            stated += value.origin.kind != "default"
    names = ", ".join(dict.fromkeys(places))
    plural = "" if stated == 1 else "s"
    return f"{names}; {stated} stated value{plural}"


def _written(generated: Generated | None) -> str:
    if generated is None:
        return ""
    texts: list[str] = []
    for resource in generated.resources:
        texts += resource.files.values()
    lines = sum(text.count("\n") for text in texts)
    return f"{len(texts)} files, {lines} lines"

"""The stages of one request with when each ran and for how long, out of its events."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from provisioning.domain import Generated, Requirements
from provisioning.errors import by_code
from provisioning.models import ProvisionRequest, RequestEvent, Status
from provisioning.web.display.status import PHASES

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


def stages(
    provision_request: ProvisionRequest,
    events: Sequence[RequestEvent],
    now: datetime,
    why_waiting: str = "",
) -> tuple[Stage, ...]:
    """Of what happened since the request was last put in the queue; earlier attempts are in the activity. A stage that a dead
    worker left and another began again shows from its first start to its last end."""
    spans = _spans(_since_queued(events))
    start = min((begun for begun, _ in spans.values()), default=now)
    end = max((ended or now for _, ended in spans.values()), default=now)
    whole = max((end - start).total_seconds(), 0.001)
    found = (_stage(provision_request, status, spans, (start, whole), now) for status in STAGES)
    return tuple(
        replace(stage, detail=why_waiting) if why_waiting and stage.state == "running" else stage
        for stage in found
    )


def took(events: Sequence[RequestEvent], now: datetime) -> float:
    """Seconds from the first event to the last one, or to now while the request runs."""
    if not events:
        return 0.0
    end = events[-1].at if events[-1].status in {Status.COMPLETED, Status.FAILED} else now
    return (end - events[0].at).total_seconds()


def _since_queued(events: Sequence[RequestEvent]) -> Sequence[RequestEvent]:
    queued = [index for index, event in enumerate(events) if event.status == Status.QUEUED]
    return events[queued[-1] :] if queued else events


def _spans(events: Sequence[RequestEvent]) -> dict[Status, Span]:
    spans: dict[Status, Span] = {}
    for event, following in zip(events, [*events[1:], None], strict=True):
        status = Status(event.status)
        if status in PHASES:
            begun = spans[status][0] if status in spans else event.at
            spans[status] = (begun, following.at if following else None)
    return spans


def _stage(
    provision_request: ProvisionRequest,
    status: Status,
    spans: dict[Status, Span],
    scale: tuple[datetime, float],
    now: datetime,
) -> Stage:
    state = _state(provision_request, status, spans)
    detail = _detail(provision_request, status, state)
    if status not in spans:
        return Stage(PHASES[status].title, state, detail)
    begun, ended = spans[status]
    seconds = ((ended or now) - begun).total_seconds()
    offset = 100 * (begun - scale[0]).total_seconds() / scale[1]
    width = max(100 * seconds / scale[1], 1.5)
    return Stage(
        PHASES[status].title,
        state,
        detail,
        seconds,
        round(min(offset, 98.5), 1),
        round(min(width, 100.0), 1),
    )


def _state(provision_request: ProvisionRequest, status: Status, spans: dict[Status, Span]) -> State:
    if provision_request.status == status:
        return "running"
    if status is Status.PARSING and status not in spans and provision_request.requirements_json:
        return "done"
    if not provision_request.finished:
        return "done" if status in spans and _before(status, provision_request) else "waiting"
    if status not in spans:
        return "skipped"
    if provision_request.status == Status.FAILED and status == _last(spans):
        outcome = by_code(provision_request.error_code).outcome
        return "stopped" if outcome in {"stopped", "question"} else "failed"
    return "done"


def _before(status: Status, provision_request: ProvisionRequest) -> bool:
    return STAGES.index(status) < STAGES.index(Status(provision_request.status))


def _last(spans: dict[Status, Span]) -> Status:
    return max(spans, key=STAGES.index)


def _detail(provision_request: ProvisionRequest, status: Status, state: State) -> str:
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


def _queued(provision_request: ProvisionRequest, state: State) -> str:
    if state != "running":
        return "Picked up by a worker" if provision_request.attempt else ""
    return "Waits for a worker"


def _understood(requirements: Requirements | None) -> str:
    if requirements is None:
        return ""
    places = (
        f"{resource.name} in {resource.environment.value}" for resource in requirements.resources
    )
    names = ", ".join(dict.fromkeys(places))
    said = sum(
        value.origin.kind != "default"
        for resource in requirements.resources
        for value in resource.parameters.values()
    )
    return f"{names}; {said} stated value{'' if said == 1 else 's'}"


def _written(generated: Generated | None) -> str:
    if generated is None:
        return ""
    files = [text for resource in generated.resources for text in resource.files.values()]
    lines = sum(text.count("\n") for text in files)
    return f"{len(files)} files, {lines} lines"

"""Everything that the page of one request shows, each part worked out when a template asks for it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from zlib import crc32

from provisioning.catalog import Catalog
from provisioning.domain import RenderedResource, Requirements
from provisioning.domain.status import Status
from provisioning.errors import PortalError, by_code
from provisioning.pipeline.estimate import Estimate, estimate
from provisioning.web.display import status, timeline
from provisioning.web.display.code import CodeFile, code_file, in_order
from provisioning.web.display.facts import MarkedText, ResourceFacts, echo, resource_facts

if TYPE_CHECKING:
    from provisioning.models import ProvisionRequest, RequestEvent

# While the pull request is being opened it may exist already, and stopping would leave it without its request.
STOPPABLE = {Status.QUEUED, Status.PARSING, Status.GENERATING}
MINUTE, HOUR, DAY = 60, 3600, 86_400
# (age in seconds, seconds between two looks): of one that runs, and of one whose pull request is open.
RUNNING = ((10 * MINUTE, 2), (math.inf, 15))
OPENED = ((10 * MINUTE, 5), (HOUR, 15), (DAY, MINUTE), (math.inf, 5 * MINUTE))


@dataclass(frozen=True, slots=True)
class FileTab:
    name: str
    lines: int
    current: bool


@dataclass(frozen=True)
class Detail:
    """`chosen` is the resource's number and the file's name that the address asks for; either may be nonsense.
    `why_waiting` is what a request in the queue waits for, or "". `is_changeable` is whether who looks may cancel, retry
    and answer."""

    row: "ProvisionRequest"
    events: "Sequence[RequestEvent]"
    catalog: Catalog
    now: datetime
    why_waiting: str = ""
    chosen: tuple[str, str] = ("", "")
    is_changeable: bool = True

    @cached_property
    def requirements(self) -> Requirements | None:
        return self.row.understood

    @cached_property
    def stages(self) -> tuple[timeline.Stage, ...]:
        return timeline.stages(self.row, self.events, self.now, self.why_waiting)

    @property
    def took(self) -> float:
        return timeline.took(self.events, self.now)

    @property
    def pill(self) -> status.Pill:
        return status.pill(self.row)

    @property
    def sentence(self) -> str:
        return status.sentence(self.row)

    @property
    def activity(self) -> "list[RequestEvent]":
        return list(reversed(self.events))

    @property
    def pace(self) -> int:
        """Seconds between two looks at the request; 0 when nothing can happen to it any more."""
        opened = self.row.opened
        return pace(self.row.status, opened.state if opened else "", self.row.created_at, self.now)

    @property
    def reason(self) -> str:
        """A word for the poll's address: another reason to wait is news without a new version."""
        return f"{crc32(self.why_waiting.encode()):x}" if self.why_waiting else ""

    @property
    def can_cancel(self) -> bool:
        return self.is_changeable and self.row.status in STOPPABLE and not self.row.cancel_requested

    @property
    def can_retry(self) -> bool:
        return self.is_changeable and self.row.status == Status.FAILED and self.failure.can_retry

    @property
    def can_edit(self) -> bool:
        return self.row.status == Status.FAILED and self.failure.can_edit

    @property
    def failure(self) -> type[PortalError]:
        """What kind of error the request ended with; the general one while it has not failed."""
        return by_code(self.row.error_code)

    @cached_property
    def facts(self) -> tuple[ResourceFacts, ...]:
        return resource_facts(self.catalog, self.requirements) if self.requirements else ()

    @cached_property
    def estimate(self) -> Estimate | None:
        return estimate(self.catalog, self.requirements.resources) if self.requirements else None

    @cached_property
    def echo(self) -> tuple[MarkedText, ...]:
        return echo(self.row.text, self.requirements) if self.requirements else ()

    @property
    def environments(self) -> list[str]:
        return environments(self.row)

    # --- the files

    @property
    def written(self) -> tuple[RenderedResource, ...]:
        return self.row.generated.resources if self.row.generated else ()

    @property
    def number(self) -> int:
        """Of the resource whose files are shown, from 1; the first one where the address names none that there is."""
        wanted = self.chosen[0]
        # Four digits are looked at, for Python refuses to read a number of thousands.
        known = wanted.isdecimal() and 1 <= int(wanted[:4]) <= len(self.written)
        return int(wanted) if known else 1

    @property
    def resource(self) -> RenderedResource:
        return self.written[self.number - 1]

    @cached_property
    def tabs(self) -> list[FileTab]:
        files = in_order(self.resource.files)
        current = self.chosen[1] if self.chosen[1] in self.resource.files else files[0][0]
        return [FileTab(name, text.count("\n"), name == current) for name, text in files]

    @cached_property
    def file(self) -> CodeFile:
        name = next(tab.name for tab in self.tabs if tab.current)
        return code_file(name, self.resource.files[name])


def pace(status: str, pull_request: str, created_at: datetime, now: datetime) -> int:
    """Seconds between two looks, more of them the older the request is; 0 when nothing can happen to
    it any more: it failed, or its pull request was merged."""
    if status == Status.FAILED or pull_request == "merged":
        return 0
    # Nobody sits before a page for ten minutes, and it stays open overnight.
    paces = OPENED if status == Status.COMPLETED else RUNNING
    age = (now - created_at).total_seconds()
    return next(seconds for until, seconds in paces if age < until)


def environments(provision_request: "ProvisionRequest") -> list[str]:
    """What was settled, or what the form said as long as nothing is settled."""
    settled = provision_request.requirements_json or {}
    found = [str(resource["environment"]["value"]) for resource in settled.get("resources", [])]
    return list(dict.fromkeys(found)) or [name for name in [provision_request.environment] if name]

"""The list of requests: which ones a filter means, one page of them by keyset, and what a row shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from provisioning.catalog import Catalog
from provisioning.errors import CancelledError, ClarificationNeededError, PortalError, codes_with
from provisioning.models import PULL_REQUEST, TERMINAL, ProvisionRequest, Status
from provisioning.web.display.detail import environments
from provisioning.web.display.status import PULL_REQUEST as PULLS
from provisioning.web.display.words import day

SIZE = 25
SALT = "requests"


def _of_its_pull_request(**what: object) -> Q:
    own = Q(**{f"pull_request__{name}": value for name, value in what.items()})
    return own | Q(**{f"joined__{name}": value for name, value in what.items()})


STATUSES: Mapping[str, tuple[str, Q]] = {
    "running": ("Running", ~Q(status__in=TERMINAL)),
    "open": (PULLS["open"].word, Q(status=Status.COMPLETED) & _of_its_pull_request(state="open")),
    "merged": (PULLS["merged"].word, _of_its_pull_request(state="merged")),
    "closed": (PULLS["closed"].word, _of_its_pull_request(state="closed")),
    "answer": (
        ClarificationNeededError.label,
        Q(status=Status.FAILED, error_code__in=codes_with("question")),
    ),
    "failed": (
        PortalError.label,
        Q(status=Status.FAILED) & ~Q(error_code__in=codes_with("question", "stopped")),
    ),
    "cancelled": (
        CancelledError.label,
        Q(status=Status.FAILED, error_code__in=codes_with("stopped")),
    ),
}
Requests = QuerySet[ProvisionRequest]
Direction = Literal["older", "newer"]


@dataclass(frozen=True, slots=True)
class Row:
    row: ProvisionRequest
    type: str
    environments: Sequence[str]

    @property
    def day(self) -> str:
        return day(self.row.created_at)

    @property
    def seconds(self) -> float | None:
        """From the request to its end."""
        ended = self.row.completed_at
        return (ended - self.row.created_at).total_seconds() if ended else None


@dataclass(frozen=True, slots=True)
class Listing:
    """`older` and `newer` are cursors, empty where there is nothing in that direction."""

    rows: tuple[Row, ...]
    older: str = ""
    newer: str = ""
    lost: bool = False

    @property
    def running(self) -> list[str]:
        return [row.row.request_id for row in self.rows if not row.row.finished]

    @property
    def versions(self) -> int:
        return sum(row.row.version for row in self.rows if not row.row.finished)


def filtered(requests: Requests, wanted: Mapping[str, str]) -> Requests:
    """A filter that is unknown or empty does not filter."""
    if wanted.get("status") in STATUSES:
        requests = requests.filter(STATUSES[wanted["status"]][1])
    if wanted.get("env"):
        resource = [{"environment": {"value": wanted["env"]}}]
        unsettled = Q(requirements_json__isnull=True, environment=wanted["env"])
        requests = requests.filter(Q(requirements_json__resources__contains=resource) | unsettled)
    if wanted.get("type"):
        requests = requests.filter(
            requirements_json__resources__contains=[{"type": wanted["type"]}]
        )
    return requests.filter(_matching(wanted["q"])) if wanted.get("q") else requests


def _matching(words: str) -> Q:
    number = words.removeprefix("#")
    found = (
        Q(text__icontains=words)
        | Q(request_id=words)
        | Q(service__icontains=words)
        | Q(requester__icontains=words)
    )
    found |= Q(branch_name__icontains=words)
    return (
        found | _of_its_pull_request(number=int(number))
        if number.isdecimal() and len(number) < 10
        else found
    )


def one_page(requests: Requests, cursor: str, catalog: Catalog) -> Listing:
    """Keyset paging on (created_at, id): rows that arrive meanwhile neither shift nor repeat what is shown. A cursor that
    cannot be read gives the first page and says so."""
    place = _read(cursor)
    direction: Direction = place[0] if place else "older"
    position = place[1] if place else None
    found = list(
        _beyond(requests, direction, position)
        .select_related(*PULL_REQUEST)
        .defer("generated_json")[: SIZE + 1]
    )
    more = len(found) > SIZE
    shown = found[:SIZE] if direction == "older" else found[:SIZE][::-1]
    rows = tuple(_row(row, catalog) for row in shown)
    older = more if direction == "older" else True
    newer = more if direction == "newer" else position is not None
    return Listing(
        rows,
        older=_write("older", shown[-1]) if shown and older else "",
        newer=_write("newer", shown[0]) if shown and newer else "",
        lost=bool(cursor) and place is None,
    )


def _beyond(
    requests: Requests, direction: Direction, position: tuple[datetime, int] | None
) -> Requests:
    order = ("-created_at", "-id") if direction == "older" else ("created_at", "id")
    if position is not None:
        at, row = position
        side = "lt" if direction == "older" else "gt"
        requests = requests.filter(
            Q(**{f"created_at__{side}": at}) | Q(**{"created_at": at, f"id__{side}": row})
        )
    return requests.order_by(*order)


def _write(direction: Direction, row: ProvisionRequest) -> str:
    return signing.dumps([direction, row.created_at.isoformat(), row.pk], salt=SALT)


def _read(cursor: str) -> tuple[Direction, tuple[datetime, int]] | None:
    try:
        direction, at, row = signing.loads(cursor, salt=SALT)
    except signing.BadSignature:
        return None
    moment = parse_datetime(at)
    return (direction, (moment, row)) if moment else None


def _row(row: ProvisionRequest, catalog: Catalog) -> Row:
    settled = (row.requirements_json or {}).get("resources", [])
    types = dict.fromkeys(str(resource["type"]) for resource in settled)
    titles = [catalog.types[name].file.title if name in catalog.types else name for name in types]
    return Row(row, ", ".join(titles), environments(row))

"""The list of requests: which ones a filter means, and one page of them by keyset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime

from provisioning.domain.status import TERMINAL, Status
from provisioning.errors import codes_with
from provisioning.models import PULL_REQUEST, ProvisionRequest

SIZE = 25
# Signed, so that an address that somebody edits gives the first page and never an odd query.
SALT = "requests"
# Nine digits fit Postgres' integer; a longer row of digits is no number of a pull request.
LONGEST_NUMBER = 9

Requests = QuerySet[ProvisionRequest]
Direction = Literal["older", "newer"]
# What the order of the list is by; the primary key decides between two of the same moment.
Position = tuple[datetime, int]


def _of_its_pull_request(**what: object) -> Q:
    """Of the pull request that the request opened, or of the one that it joined."""
    own = {f"pull_request__{name}": value for name, value in what.items()}
    joined = {f"joined__{name}": value for name, value in what.items()}
    return Q(**own) | Q(**joined)


_COMPLETED = Q(status=Status.COMPLETED)
_FAILED = Q(status=Status.FAILED)
_ASKS = Q(error_code__in=codes_with("question"))
_STOPPED = Q(error_code__in=codes_with("stopped"))
# By the names that stand in addresses; `web/display/listing.py` has their titles.
STATUS_FILTERS: Mapping[str, Q] = {
    "running": ~Q(status__in=TERMINAL),
    "open": _COMPLETED & _of_its_pull_request(state="open"),
    "merged": _of_its_pull_request(state="merged"),
    "closed": _of_its_pull_request(state="closed"),
    "answer": _FAILED & _ASKS,
    "failed": _FAILED & ~_ASKS & ~_STOPPED,
    "cancelled": _FAILED & _STOPPED,
}


@dataclass(frozen=True, slots=True)
class RequestPage:
    """`older` and `newer` are cursors, empty where there is nothing in that direction."""

    rows: tuple[ProvisionRequest, ...]
    older: str = ""
    newer: str = ""
    lost: bool = False


def filtered(requests: Requests, wanted: Mapping[str, str]) -> Requests:
    """A filter that is unknown or empty does not filter."""
    by_status = STATUS_FILTERS.get(wanted.get("status", ""))
    if by_status is not None:
        requests = requests.filter(by_status)
    environment = wanted.get("env")
    if environment:
        requests = requests.filter(_in_environment(environment))
    type_name = wanted.get("type")
    if type_name:
        settled = [{"type": type_name}]
        requests = requests.filter(requirements_json__resources__contains=settled)
    words = wanted.get("q")
    return requests.filter(_matching(words)) if words else requests


def _in_environment(name: str) -> Q:
    """What was understood; as long as nothing is, what the form said."""
    settled = [{"environment": {"value": name}}]
    unsettled = Q(requirements_json__isnull=True, environment=name)
    return Q(requirements_json__resources__contains=settled) | unsettled


def _matching(words: str) -> Q:
    found = Q(request_id=words)
    for field in ("text", "service", "requester", "branch_name"):
        found |= Q(**{f"{field}__icontains": words})
    number = words.removeprefix("#")
    if number.isdecimal() and len(number) <= LONGEST_NUMBER:
        found |= _of_its_pull_request(number=int(number))
    return found


def one_page(requests: Requests, cursor: str) -> RequestPage:
    """Keyset paging on (created_at, id): rows that arrive meanwhile neither shift nor repeat what is shown. A cursor that
    cannot be read gives the first page and says so."""
    place = _read(cursor)
    direction, position = place or ("older", None)
    found = _beyond(requests, direction, position).select_related(*PULL_REQUEST)
    # Generated files are megabytes that no list shows. One row more than a page tells whether there is another one.
    rows = list(found.defer("generated_json")[: SIZE + 1])
    more = len(rows) > SIZE
    page = rows[:SIZE]
    if direction == "newer":
        page.reverse()  # read from the cursor upwards, shown newest first
    # Whoever came from one side can go back to it.
    older = more if direction == "older" else True
    newer = more if direction == "newer" else position is not None
    return RequestPage(
        tuple(page),
        older=_cursor("older", page[-1:]) if older else "",
        newer=_cursor("newer", page[:1]) if newer else "",
        lost=bool(cursor) and place is None,
    )


def _beyond(requests: Requests, direction: Direction, position: Position | None) -> Requests:
    order, side = ("-created_at", "-id"), "lt"
    if direction == "newer":
        order, side = ("created_at", "id"), "gt"
    if position is not None:
        at, row = position
        elsewhen = Q(**{f"created_at__{side}": at})
        same_moment = Q(**{"created_at": at, f"id__{side}": row})
        requests = requests.filter(elsewhen | same_moment)
    return requests.order_by(*order)


def _cursor(direction: Direction, edge: Sequence[ProvisionRequest]) -> str:
    for row in edge:
        return signing.dumps([direction, row.created_at.isoformat(), row.pk], salt=SALT)
    return ""


def _read(cursor: str) -> tuple[Direction, Position] | None:
    try:
        direction, at, row = signing.loads(cursor, salt=SALT)
    except signing.BadSignature:
        return None
    moment = parse_datetime(at)
    return (direction, (moment, row)) if moment else None

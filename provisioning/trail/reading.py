"""Reading the trail: filters, pages, and an export that streams."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_current_timezone, is_aware, make_aware

from provisioning.models import TrailEvent

# A page that can be looked through; the export has all of it.
SIZE = 50
# Rows per trip to Postgres: a few hundred kilobytes, whatever the export's length.
EXPORT_CHUNK = 2_000
# What a filter compares. Each has an index that ends in the event's number, so that a page of matches is read in order.
FILTERS = {
    "actor": "personal__actor",
    "action": "action",
    "target": "target",
    "source": "source",
    "address": "personal__address",
}


@dataclass(frozen=True, slots=True)
class TrailPage:
    """`older` and `newer` are the cursors of the neighboring pages, 0 where there is none."""

    events: tuple[TrailEvent, ...]
    older: int = 0
    newer: int = 0


def filtered(wanted: Mapping[str, str]) -> QuerySet[TrailEvent]:
    """A filter that is empty or cannot be read does not filter."""
    found = TrailEvent.objects.select_related("personal", "seal")
    for name, column in FILTERS.items():
        if wanted.get(name):
            found = found.filter(**{column: wanted[name]})
    since, until = moment(wanted.get("from", "")), moment(wanted.get("to", ""))
    if since:
        found = found.filter(at__gte=since)
    if until:
        found = found.filter(at__lt=until)
    return found


def moment(text: str) -> datetime | None:
    """A date (its first instant) or a time, in UTC where it names no zone; None for anything else."""
    try:
        day, instant = parse_date(text), parse_datetime(text)
    except ValueError:
        return None
    if instant is None and day is not None:
        instant = datetime(day.year, day.month, day.day)
    if instant is None or is_aware(instant):
        return instant
    return make_aware(instant, get_current_timezone())


def one_page(found: QuerySet[TrailEvent], before: int = 0, after: int = 0) -> TrailPage:
    """Newest first. By numbers and not by offset: the last of a million pages costs what the first does."""
    if after:
        # One more than is shown tells whether there is another page, without counting.
        rows = list(found.filter(id__gt=after).order_by("id")[: SIZE + 1])
        shown, newer, older = rows[:SIZE][::-1], len(rows) > SIZE, True
    else:
        newest = found.filter(id__lt=before) if before else found
        rows = list(newest.order_by("-id")[: SIZE + 1])
        shown, newer, older = rows[:SIZE], bool(before), len(rows) > SIZE
    if not shown:
        return TrailPage(())
    return TrailPage(
        tuple(shown),
        older=shown[-1].pk if older else 0,
        newer=shown[0].pk if newer else 0,
    )


def exported(found: QuerySet[TrailEvent]) -> Iterator[dict[str, object]]:
    """Oldest first, in constant memory however many there are."""
    for event in found.order_by("id").iterator(chunk_size=EXPORT_CHUNK):
        yield as_exported(event)


def as_exported(event: TrailEvent) -> dict[str, object]:
    personal = getattr(event, "personal", None)
    seal = getattr(event, "seal", None)
    return {
        "id": event.pk,
        "at": event.at.isoformat(timespec="microseconds"),
        "actor": personal.actor if personal else "",
        "on_behalf_of": personal.on_behalf_of if personal else "",
        "action": event.action,
        "target_kind": event.target_kind,
        "target": event.target,
        "source": event.source,
        "result": event.result,
        "client": personal.client if personal else "",
        "address": personal.address if personal else "",
        "agent": personal.agent if personal else "",
        "data": event.data,
        "record": seal.number if seal else None,
        "digest": seal.digest if seal else "",
    }

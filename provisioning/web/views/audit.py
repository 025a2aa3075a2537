"""The trail for those who read it: a list with filters, one event whole, and an export of what is shown."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from provisioning.domain.identity import Action
from provisioning.models import TrailEvent, TrailSeal, TrailUnsealed
from provisioning.trail import reading, record
from provisioning.trail.record import TrailEntry
from provisioning.web.display.spreadsheet import csv_lines
from provisioning.web.views.access import PageRequest, page

COLUMNS = (
    "id", "at", "actor", "on_behalf_of", "action", "target_kind", "target", "source", "result",
    "client", "address", "agent", "data", "record", "digest",
)  # fmt: skip
FORMATS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
NAMES = (*reading.FILTERS, "from", "to")


@page("GET", needs=Action.READ_TRAIL)
def audit(request: PageRequest) -> HttpResponse:
    wanted = _wanted(request)
    before, after = _number(request, "before"), _number(request, "after")
    listing = reading.one_page(reading.filtered(wanted), before, after)
    context = {
        "listing": listing,
        "wanted": wanted,
        "filtering": any(wanted.values()),
        "kept": urlencode({name: value for name, value in wanted.items() if value}),
        "sealed": TrailSeal.objects.order_by("-number").first(),
        "unsealed": TrailUnsealed.objects.count(),
        "newest": 0 if before or after else _newest(),
    }
    return render(request, "provisioning/audit.html", context)


@page("GET", needs=Action.READ_TRAIL)
def audit_new(request: PageRequest) -> HttpResponse:
    """How many events came since the page was made; the page offers to show them and does not move by itself."""
    since = _number(request, "since")
    found = reading.filtered(_wanted(request)).filter(id__gt=since)
    # To a page and no further: counting all of a large trail would take longer than the page is open.
    count = found.order_by()[: reading.SIZE + 1].count()
    return render(request, "provisioning/_audit_new.html", {"count": count, "most": reading.SIZE})


@page("GET", needs=Action.READ_TRAIL)
def audit_event(request: PageRequest, number: int) -> HttpResponse:
    """404 for a number that no event has."""
    found = TrailEvent.objects.select_related("personal", "seal").filter(pk=number).first()
    if found is None:
        raise Http404
    seal = getattr(found, "seal", None)
    before = TrailSeal.objects.filter(number=seal.number - 1).first() if seal else None
    context = {
        "event": found,
        "seal": seal,
        "before": before,
        "data": json.dumps(found.data, indent=2, sort_keys=True) if found.data else "",
        "whole": json.dumps(reading.as_exported(found), indent=2),
    }
    return render(request, "provisioning/audit_event.html", context)


@page("GET", needs=Action.READ_TRAIL)
def audit_export(request: PageRequest) -> HttpResponseBase:
    """What the filter shows, oldest first. The export is an event of the trail itself."""
    wanted = _wanted(request)
    kind = request.GET.get("format", "csv")
    if kind not in FORMATS:
        raise Http404
    filters = {name: value for name, value in wanted.items() if value}
    data = {"format": kind, "filters": sorted(filters)}
    record.record(TrailEntry("trail.exported", "trail", data=data))
    rows = reading.exported(reading.filtered(wanted))
    lines = csv_lines(COLUMNS, rows) if kind == "csv" else _json_lines(rows)
    name = f"audit-{timezone.now():%Y%m%d-%H%M%S}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type=FORMATS[kind], headers=headers)


def _json_lines(rows: Iterator[dict[str, object]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"


def _wanted(request: PageRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:254].replace("\x00", "") for name in NAMES}


def _number(request: PageRequest, name: str) -> int:
    """0 for everything that is no number of an event."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _newest() -> int:
    newest = TrailEvent.objects.order_by("-id").values_list("id", flat=True).first()
    return newest or 0

"""The list of requests. The address holds the whole filter, so that a link shows somebody else the same view."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from provisioning import wiring
from provisioning.identity import rights
from provisioning.models import PULL_REQUEST
from provisioning.requests import services
from provisioning.web.display.listing import STATUSES, Requests, filtered, one_page
from provisioning.web.views import new_request
from provisioning.web.views.access import PageRequest, page

FILTERS = ("q", "status", "env", "type")
MOST_COUNTED = 10_000


def requests(request: PageRequest) -> HttpResponseBase:
    """GET lists; POST makes a new one."""
    return new_request.submit(request) if request.method == "POST" else history(request)


@page("GET")
def history(request: PageRequest) -> HttpResponse:
    wanted, scopes, catalog = _wanted(request), _scopes(request), wiring.catalog()
    asked = request.GET.get("scope", "")
    scope = asked if asked in scopes else next(iter(scopes))
    listing = one_page(filtered(scopes[scope][1], wanted), request.GET.get("cursor", ""), catalog)
    kept = {"scope": scope} | {name: value for name, value in wanted.items() if value}
    context = {
        "listing": listing,
        "wanted": wanted,
        "filtering": any(wanted.values()),
        "scope": scope,
        "scopes": [
            _scope_tab(name, title, found, wanted, name == scope)
            for name, (title, found) in scopes.items()
        ],
        "statuses": [(name, title) for name, (title, _) in STATUSES.items()],
        "environments": catalog.platform.environments,
        "types": catalog.types,
        "kept": urlencode(kept),
        "first_use": not listing.rows
        and not any(wanted.values())
        and not request.GET.get("cursor"),
    }
    part = request.htmx and request.htmx.target == "results"
    template = "provisioning/_results.html" if part else "provisioning/history.html"
    return render(request, template, context | {"oob": part})


def _wanted(request: PageRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:200].replace("\x00", "") for name in FILTERS}


def _scopes(request: PageRequest) -> dict[str, tuple[str, Requests]]:
    seen = services.visible_to(request.caller)
    mine = ("Mine", seen.filter(user=request.user))
    if rights.sees_everything(request.caller):
        return {"all": ("Everyone", seen), "mine": mine}
    teams = request.caller.teams
    return {"mine": mine} | {
        f"team:{name}": (name, seen.filter(team__lower=name.lower())) for name in teams
    }


def _scope_tab(
    name: str, title: str, found: Requests, wanted: Mapping[str, str], current: bool
) -> dict[str, object]:
    count = found.order_by()[: MOST_COUNTED + 1].count()
    shown = f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else f"{count:,}"
    query = urlencode({"scope": name} | {key: value for key, value in wanted.items() if value})
    return {"title": title, "count": shown, "query": query, "current": current}


@page("GET")
def rows(request: PageRequest) -> HttpResponse:
    """Rows of the list that were running when it was shown; 204 while none of them has changed."""
    ids = request.GET.get("ids", "").split(",")[:100]
    found = (
        services.visible_to(request.caller)
        .filter(request_id__in=ids)
        .select_related(*PULL_REQUEST)
        .defer("generated_json")
    )
    listed = list(found)
    if request.GET.get("seen") == str(sum(row.version for row in listed)):
        return HttpResponse(status=204)
    running = [row for row in listed if not row.finished]
    context = {
        "changed": listed,
        "ids": ",".join(row.request_id for row in running),
        "seen": sum(row.version for row in running),
    }
    return render(request, "provisioning/_rows.html", context)

"""The list of requests. The address holds the whole filter, so that a link shows somebody else the same view."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from provisioning import wiring
from provisioning.identity import rights
from provisioning.models import PULL_REQUEST
from provisioning.requests import services
from provisioning.requests.queries import Requests, filtered, one_page
from provisioning.web.display.listing import STATUS_TITLES, listing_of
from provisioning.web.views import previews
from provisioning.web.views.access import PageRequest, page

# The names stand in addresses that people have kept.
FILTERS = ("q", "status", "env", "type")
MOST_COUNTED = 10_000
LONGEST_FILTER = 200


@dataclass(frozen=True, slots=True)
class ListScope:
    """Whose requests are listed."""

    name: str
    title: str
    requests: Requests


def requests(request: PageRequest) -> HttpResponseBase:
    """GET lists; POST makes a new one."""
    return previews.submit(request) if request.method == "POST" else history(request)


@page("GET")
def history(request: PageRequest) -> HttpResponse:
    wanted, scopes, catalog = _wanted(request), _scopes(request), wiring.catalog()
    scope = request.GET.get("scope", "")
    if scope not in scopes:
        scope = next(iter(scopes))
    cursor = request.GET.get("cursor", "")
    listing = listing_of(one_page(filtered(scopes[scope].requests, wanted), cursor), catalog)
    filtering = any(wanted.values())
    context = {
        "listing": listing,
        "wanted": wanted,
        "filtering": filtering,
        "scope": scope,
        "scopes": [_scope_tab(one, wanted, one.name == scope) for one in scopes.values()],
        "statuses": list(STATUS_TITLES.items()),
        "environments": catalog.platform.environments,
        "types": catalog.types,
        "kept": _query(scope, wanted),
        # An empty list means something else to who has just begun than to who filters or pages.
        "first_use": not listing.rows and not filtering and not cursor,
    }
    part = request.htmx and request.htmx.target == "results"
    template = "provisioning/_results.html" if part else "provisioning/history.html"
    return render(request, template, context | {"oob": part})


def _query(scope: str, wanted: Mapping[str, str]) -> str:
    filters = {name: value for name, value in wanted.items() if value}
    return urlencode({"scope": scope, **filters})


def _wanted(request: PageRequest) -> dict[str, str]:
    wanted = {}
    for name in FILTERS:
        text = request.GET.get(name, "").strip()[:LONGEST_FILTER]
        # Postgres takes no NUL in a text and would answer with an error.
        wanted[name] = text.replace("\x00", "")
    return wanted


def _scopes(request: PageRequest) -> dict[str, ListScope]:
    """By name; the first one is where somebody begins."""
    seen = services.visible_to(request.caller)
    mine = ListScope("mine", "Mine", seen.filter(user=request.user))
    if rights.sees_everything(request.caller):
        scopes = [ListScope("all", "Everyone", seen), mine]
    else:
        scopes = [mine]
        for team in request.caller.teams:
            of_team = seen.filter(team__lower=team.lower())
            scopes.append(ListScope(f"team:{team}", team, of_team))
    return {scope.name: scope for scope in scopes}


def _scope_tab(scope: ListScope, wanted: Mapping[str, str], current: bool) -> dict[str, object]:
    # A list is never counted to its end: with a million rows that alone would take seconds.
    count = scope.requests.order_by()[: MOST_COUNTED + 1].count()
    counted = f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else f"{count:,}"
    query = _query(scope.name, wanted)
    return {"title": scope.title, "count": counted, "query": query, "current": current}


@page("GET")
def rows(request: PageRequest) -> HttpResponse:
    """Rows of the list that were running when it was shown; 204 while none of them has changed."""
    # The page asks for at most one page of them; whoever asks for more gets no answer to all of it.
    ids = request.GET.get("ids", "").split(",")[:100]
    found = services.visible_to(request.caller).filter(request_id__in=ids)
    listed = list(found.select_related(*PULL_REQUEST).defer("generated_json"))
    # A version only grows, so the sum is another one as soon as any row is.
    if request.GET.get("seen") == str(sum(row.version for row in listed)):
        return HttpResponse(status=204)
    running = [row for row in listed if not row.finished]
    context = {
        "changed": listed,
        "ids": ",".join(row.request_id for row in running),
        "seen": sum(row.version for row in running),
    }
    return render(request, "provisioning/_rows.html", context)

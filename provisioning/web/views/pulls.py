"""Pull requests of the embedded repository: what they change, and the platform team's merge and close."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from provisioning import wiring
from provisioning.domain.identity import Action
from provisioning.errors import PortalError
from provisioning.identity import rights
from provisioning.identity.denials import note_denial
from provisioning.models import ProvisionRequest, PullRequest
from provisioning.pull_requests import sync
from provisioning.requests import services
from provisioning.trail import record
from provisioning.trail.record import TrailEntry
from provisioning.web.display.description import description
from provisioning.web.display.diff import DiffFile, diff_files
from provisioning.web.views.access import PageRequest, denied, page

if TYPE_CHECKING:
    from provisioning.adapters.local_git import LocalGit, LocalPullRequest

DONE = {Action.MERGE: "pull_request.merged", Action.CLOSE: "pull_request.closed"}

SHOWN = 50  # a page is one question to the repository, however many there are
# Postgres's integer, which the column is.
LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True)
class ListedPull:
    """The row's state, and the record's title, which is missing where the record cannot be read."""

    number: int
    title: str
    branch: str
    state: str
    created_at: datetime


@page("GET")
def pulls(request: PageRequest) -> HttpResponse:
    repository = _repository()
    before = _number(request.GET.get("before", ""))
    rows = list(_visible_rows(request).filter(number__lt=before)[: SHOWN + 1])
    shown = rows[:SHOWN]
    trouble, stored = "", {}
    try:
        stored = repository.stored([row.number for row in shown])
    except PortalError as error:
        trouble = error.message
    context = {
        "pulls": [_listed(row, stored.get(row.number)) for row in shown],
        "older": shown[-1].number if len(rows) > SHOWN else None,
        "path": repository.path,
        "trouble": trouble,
    }
    return render(request, "provisioning/pulls.html", context)


def _visible_rows(request: PageRequest) -> QuerySet[PullRequest]:
    """Of requests that opened one, and of those that joined it."""
    rows = sync.for_current_repository().select_related("provision_request")
    if not rights.sees_everything(request.caller):
        visible = services.visible_to(request.caller)
        joined = visible.filter(joined__isnull=False).values("joined")
        rows = rows.filter(Q(provision_request__in=visible) | Q(pk__in=joined))
    rows = rows.only(
        "number", "state", "opened_at", "provision_request__text", "provision_request__branch_name"
    )
    return rows.order_by("-number")


def _listed(row: PullRequest, stored: "LocalPullRequest | None") -> ListedPull:
    asked = row.provision_request
    if stored is None:
        title = f"{asked.text[:80]} (its record cannot be read)"
        return ListedPull(row.number, title, asked.branch_name, row.state, row.opened_at)
    # The record knows a merge by the portal's page at once, the row a merge by git.
    state = row.state if stored.state == "open" else stored.state
    return ListedPull(row.number, stored.title, stored.branch, state, stored.created_at)


def _number(text: str) -> int:
    """What is no number of a pull request means the newest ones."""
    sensible = text.isdecimal() and len(text) <= len(str(LARGEST_NUMBER))
    return min(int(text), LARGEST_NUMBER) if sensible else LARGEST_NUMBER


@page("GET")
def pull(request: PageRequest, number: int) -> HttpResponse:
    repository = _repository()
    found, row = _found(request, repository, number)
    trouble, files = "", tuple[DiffFile, ...]()
    try:
        files = diff_files(repository.changes(found))
    except PortalError as error:
        trouble = error.message
    context = {
        "pull": found,
        "row": row,
        "files": files,
        "description": description(found.body),
        "trouble": trouble,
    }
    return render(request, "provisioning/pull.html", context)


@page("POST", needs=Action.MERGE)
def merge(request: PageRequest, number: int) -> HttpResponse:
    return _decided(request, number, Action.MERGE, _repository().merge)


@page("POST", needs=Action.CLOSE)
def close(request: PageRequest, number: int) -> HttpResponse:
    return _decided(request, number, Action.CLOSE, _repository().close)


def _decided(
    request: PageRequest,
    number: int,
    action: Action,
    decide: Callable[[int, str], "LocalPullRequest"],
) -> HttpResponse:
    _, row = _found(request, _repository(), number)
    target = services.target_of(row, wiring.catalog().production) if row else None
    decision = rights.decide(request.caller, action, target)
    if not decision.allowed:
        return denied(request, action, decision.reason, f"#{number}")
    try:
        decide(number, request.caller.name)
    except PortalError as error:
        messages.error(request, error.message)
    else:
        record.record(TrailEntry(DONE[action], "pull_request", f"#{number}"))
    if row is not None and row.opened:
        sync.sync_pull_request(row.opened.pk)
    return HttpResponseRedirect(reverse("pull", args=[number]))


def _repository() -> "LocalGit":
    """Raises 404 where pull requests are on GitHub: they are reviewed there."""
    if wiring.pull_requests() is not wiring.local_repository():
        raise Http404
    return wiring.local_repository()


def _found(
    request: PageRequest, repository: "LocalGit", number: int
) -> "tuple[LocalPullRequest, ProvisionRequest | None]":
    """Raises 404 for an unknown number and for a pull request of a request that may not be seen."""
    found = repository.pull_request(number)
    if found is None:
        raise Http404
    visible = services.visible_to(request.caller)
    row = visible.filter(request_id=found.request_id).first()
    if row is None:
        row = visible.filter(joined__in=sync.for_current_repository().filter(number=number)).first()
    if row is None and not rights.sees_everything(request.caller):
        note_denial(Action.SEE, "pull_request", f"#{number}")
        raise Http404
    return found, row

"""Pull requests of the embedded repository: what they change, and the platform team's merge and close."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from provisioning import wiring
from provisioning.adapters.local_git import LocalGit, LocalPullRequest
from provisioning.domain.identity import Action
from provisioning.errors import PortalError
from provisioning.identity import rights
from provisioning.models import ProvisionRequest
from provisioning.pull_requests import sync
from provisioning.requests import services
from provisioning.trail import record
from provisioning.trail.record import TrailEntry
from provisioning.web.display.description import description
from provisioning.web.display.diff import diff_files
from provisioning.web.views.access import PageRequest, denied, page

DONE = {Action.MERGE: "pull_request.merged", Action.CLOSE: "pull_request.closed"}


@page("GET")
def pulls(request: PageRequest) -> HttpResponse:
    repository = _repository()
    found = repository.pull_requests()
    sees_all = rights.sees_everything(request.caller)
    shown = found if sees_all else _of_visible_requests(request, found)
    return render(request, "provisioning/pulls.html", {"pulls": shown, "path": repository.path})


def _of_visible_requests(
    request: PageRequest, pulls: list[LocalPullRequest]
) -> list[LocalPullRequest]:
    """Of requests that opened one, and of those that joined it."""
    visible = services.visible_to(request.caller)
    opened = visible.filter(request_id__in={pull.request_id for pull in pulls})
    openers = set(opened.values_list("request_id", flat=True))
    joined = visible.filter(joined__in=sync.for_current_repository())
    numbers = set(joined.values_list("joined__number", flat=True))
    return [pull for pull in pulls if pull.request_id in openers or pull.number in numbers]


@page("GET")
def pull(request: PageRequest, number: int) -> HttpResponse:
    repository = _repository()
    found, row = _found(request, repository, number)
    files = diff_files(repository.diff(found))
    context = {"pull": found, "row": row, "files": files, "description": description(found.body)}
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
    decide: Callable[[int, str], LocalPullRequest],
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


def _repository() -> LocalGit:
    """Raises 404 where pull requests are on GitHub: they are reviewed there."""
    if wiring.pull_requests() is not wiring.local_repository():
        raise Http404
    return wiring.local_repository()


def _found(
    request: PageRequest, repository: LocalGit, number: int
) -> tuple[LocalPullRequest, ProvisionRequest | None]:
    """Raises 404 for an unknown number and for a pull request of a request that may not be seen."""
    found = repository.pull_request(number)
    if found is None:
        raise Http404
    visible = services.visible_to(request.caller)
    row = visible.filter(request_id=found.request_id).first()
    if row is None:
        row = visible.filter(joined__in=sync.for_current_repository().filter(number=number)).first()
    if row is None and not rights.sees_everything(request.caller):
        raise Http404
    return found, row

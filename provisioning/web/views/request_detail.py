"""One request: its page, the part of it that is polled while it runs, and what can be done with it."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from provisioning import wiring
from provisioning.domain import Submission
from provisioning.domain.identity import Action
from provisioning.errors import InvalidInputError, NotPossibleError
from provisioning.identity import rights
from provisioning.models import ProvisionRequest, Status
from provisioning.operations import snapshot
from provisioning.requests import services
from provisioning.requests.archive import files_of, zipped
from provisioning.web.display.detail import Detail, pace
from provisioning.web.forms import answers
from provisioning.web.views.access import PageRequest, denied, page, visible


@page("GET")
def detail(request: PageRequest, request_id: str) -> HttpResponse:
    shown = _detail(request, visible(request, request_id))
    part = request.htmx and request.htmx.target == "terraform"
    template = (
        "provisioning/_terraform.html" if part and shown.written else "provisioning/request.html"
    )
    return render(request, template, {"detail": shown, "row": shown.row})


@page("GET")
def live(request: PageRequest, request_id: str) -> HttpResponse:
    """204 while nothing has changed since version `v`: the page, its focus and its open folds stay as they are. A finished
    request's part has no trigger, and that ends the polling."""
    if _nothing_new(request, request_id):
        return HttpResponse(status=204)
    shown = _detail(request, visible(request, request_id))
    known = tuple(request.GET.get(name, "") for name in ("v", "pace", "why"))
    if known == (str(shown.row.version), str(shown.pace), shown.reason):
        return HttpResponse(status=204)
    announce = request.GET.get("was") != shown.row.status
    context = {"detail": shown, "row": shown.row, "oob": True, "announce": announce}
    # Files are shown once they are there, and sending them with each poll would be the whole page again.
    if request.GET.get("files") == "1":
        context["files_shown"] = True
    return render(request, "provisioning/_live.html", context)


def _nothing_new(request: PageRequest, request_id: str) -> bool:
    """By one narrow query, for the poll that nearly always finds nothing. A request in the queue is
    looked at as a whole: the reason why it waits has no version."""
    found = (
        services.visible_to(request.caller)
        .filter(request_id=request_id)
        .exclude(status=Status.QUEUED)
    )
    state = Coalesce("pull_request__state", "joined__state", Value(""))
    row = found.values_list("version", "status", state, "created_at").first()
    if row is None or request.GET.get("why"):
        return False
    version, status, opened, created_at = row
    known = (request.GET.get("v", ""), request.GET.get("pace", ""))
    return known == (str(version), str(pace(status, opened, created_at, timezone.now())))


@page("GET")
def archive(request: PageRequest, request_id: str) -> HttpResponse:
    """All files of the request; 404 until there are any. The same files give the same bytes."""
    files = files_of(visible(request, request_id))
    if not files:
        raise Http404
    # The id was looked up, so nothing that a caller made up stands in the header.
    disposition = f'attachment; filename="{request_id}.zip"'
    return HttpResponse(
        zipped(files), "application/zip", headers={"Content-Disposition": disposition}
    )


@page("POST")
def cancel(request: PageRequest, request_id: str) -> HttpResponse:
    return _done(Action.CANCEL, services.cancel, request, request_id)


@page("POST")
def retry(request: PageRequest, request_id: str) -> HttpResponse:
    return _done(Action.RETRY, services.retry, request, request_id)


def _done(
    action: Action,
    act: Callable[[ProvisionRequest, str], object],
    request: PageRequest,
    request_id: str,
) -> HttpResponse:
    row = visible(request, request_id)
    decision = rights.decide(request.caller, action, services.target_of(row))
    if not decision.allowed:
        return denied(request, action, decision.reason, request_id)
    try:
        act(row, request.caller.name)
    except NotPossibleError as error:
        messages.warning(request, error.message)
    return _to(row)


@page("POST")
def answer(request: PageRequest, request_id: str) -> HttpResponse:
    """The answers make a new request that names this one; sent twice, they make it once."""
    row = visible(request, request_id)
    decision = rights.decide(request.caller, Action.ANSWER, services.target_of(row))
    if not decision.allowed:
        return denied(request, Action.ANSWER, decision.reason, request_id)
    given = answers(request.POST)
    if not given:
        messages.warning(request, "Choose or write an answer first.")
        return _to(row)
    submission = _answered(row, given, request.caller.name)
    try:
        made = services.submit(
            submission,
            caller=request.caller,
            source="web",
            idempotency_key=f"answer-{row.request_id}-{services.digest(submission)}",
        )
    except InvalidInputError as error:
        messages.error(request, error.message)
        return _to(row)
    return _to(made)


def _answered(row: ProvisionRequest, given: dict[str, str], requester: str) -> Submission:
    return Submission(
        text=row.text,
        requester=requester,
        team=row.team,
        service=row.service,
        environment=row.environment or None,
        answers={**row.answers, **given},
        follow_up_of=row.request_id,
    )


def _detail(request: PageRequest, row: ProvisionRequest) -> Detail:
    chosen = (request.GET.get("resource", ""), request.GET.get("file", ""))
    return Detail(
        row,
        list(row.events.all()),
        wiring.catalog(),
        timezone.now(),
        # Only a request in the queue waits for something, and finding out for what asks the database.
        why_waiting=snapshot.why_waiting(row),
        chosen=chosen,
        is_changeable=rights.may(request.caller, Action.CANCEL, services.target_of(row)),
    )


def _to(row: ProvisionRequest) -> HttpResponse:
    return HttpResponseRedirect(reverse("request_detail", args=[row.request_id]))

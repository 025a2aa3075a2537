"""What the operators look at: a page for the platform team, and the same figures for Prometheus."""

import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from prometheus_client import CONTENT_TYPE_LATEST

from provisioning.api import auth
from provisioning.domain.identity import Action
from provisioning.errors import TooManyCallsError
from provisioning.identity import rights
from provisioning.identity.denials import note_denial
from provisioning.operations import metrics, snapshot
from provisioning.requests import services
from provisioning.web.views import error_pages
from provisioning.web.views.access import PageRequest, page


@page("GET", needs=Action.OPERATE)
def operations_page(request: PageRequest) -> HttpResponse:
    context = {"seen": snapshot.snapshot(), "examples": services.examples_in_use()}
    return render(request, "provisioning/operations.html", context)


def scrape(request: HttpRequest) -> HttpResponse:
    """Prometheus sends the API's token; the demo is open."""
    if request.method != "GET":
        return error_pages.method_not_allowed(request, ("GET",))
    try:
        caller = auth.Token()(request) or auth.demo(request)
    except TooManyCallsError as error:
        refused = _plain(error.message, 429)
        refused.headers["Retry-After"] = str(math.ceil(error.retry_after))
        return refused
    if caller is None:
        return _plain("Send a token with the scope metrics as a bearer token.", 401)
    decision = rights.decide(caller, Action.READ_METRICS)
    if not decision.allowed:
        note_denial(Action.READ_METRICS, "page", path=request.path)
        return _plain(decision.reason, 403)
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def _plain(sentence: str, status: int) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type="text/plain")

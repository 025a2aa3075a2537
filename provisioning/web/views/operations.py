"""What the operators look at: a page for the platform team, and the same figures for Prometheus."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from prometheus_client import CONTENT_TYPE_LATEST

from provisioning.api import auth
from provisioning.operations import metrics, snapshot
from provisioning.web.views import error_pages
from provisioning.web.views.access import PageRequest, page


@page("GET", staff=True)
def operations_page(request: PageRequest) -> HttpResponse:
    return render(request, "provisioning/operations.html", {"seen": snapshot.snapshot()})


def scrape(request: HttpRequest) -> HttpResponse:
    """Prometheus sends the API's token; the demo is open."""
    if request.method != "GET":
        return error_pages.method_not_allowed(request, ("GET",))
    if auth.Token()(request) is None and auth.demo(request) is None:
        return HttpResponse(
            "Send the API_TOKEN as a bearer token.\n", status=401, content_type="text/plain"
        )
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)

"""What holds for every address: pages, API and admin alike."""

import logging
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from infrallm_portal.request_buffering import REFUSAL
from provisioning.pull_requests import catch_up
from provisioning.web.views import error_pages

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]


def refused_in_front(get_response: GetResponse) -> GetResponse:
    """Says in the site's words what the server's entrance has refused: see `request_buffering` and `bulkhead`."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        status: int = request.META.get("asgi.scope", {}).get(REFUSAL, 0)
        return error_pages.refused(request, status) if status else get_response(request)

    return answer


class DatabaseAway:
    """503 with Retry-After in place of 500 while Postgres does not answer. `error_pages.server_error` does the same where
    a session or another middleware needed it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, error_pages.DATABASE_AWAY):
            return None
        return database_away(request, exception)


def database_away(request: HttpRequest, exception: BaseException) -> HttpResponse:
    # A connection that broke stays broken; the next request gets a new one.
    connection.close()
    # GitHub does not deliver again by itself, so what it told meanwhile is read from it afterwards.
    if request.path == reverse("api:github_webhook"):
        catch_up.after_outage()
    # The first line says what happened; the others may quote the statement with its values.
    reason = str(exception).partition("\n")[0]
    logger.error("Postgres does not answer, %s got 503: %s", request.path, reason)
    return error_pages.refused(request, 503)


def head_like_get(get_response: GetResponse) -> GetResponse:
    """HEAD is answered wherever GET is, with the same status and headers (RFC 9110, section 9.3.2)."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD":
            return get_response(request)
        # Views ask for the method, and none of them knows HEAD.
        request.method = "GET"
        response = get_response(request)
        request.method = "HEAD"
        return _without_content(response)

    return answer


def _without_content(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, HttpResponse):
        response.headers.setdefault("Content-Length", str(len(response.content)))
        response.content = b""
    return response

"""What went wrong: one sentence, what to do, a way on. A page for people; JSON for programs, below /api/."""

import sys
from collections.abc import Sequence

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults

from provisioning.api.problems import of_status

DATABASE_AWAY = (OperationalError, InterfaceError)  # both also mean a session that was lost
RETRY_SECONDS = {429: 5, 503: 5}


def error_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(
        request,
        "provisioning/error.html",
        {"status": status, "title": title, "text": text},
        status=status,
    )


def method_not_allowed(request: HttpRequest, methods: Sequence[str]) -> HttpResponse:
    text = "This address does not take what was sent to it. Go back and use the page's own buttons."
    response = error_page(request, 405, "That is not possible here", text)
    response["Allow"] = ", ".join(methods)
    return response


def not_allowed(request: HttpRequest, reason: str) -> HttpResponse:
    return error_page(request, 403, "You are not allowed to do this", reason)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Uses neither session nor database, as does `server_error`: a broken call may have broken those too."""
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return for_program(request, status) or HttpResponse(
        render_to_string(f"{status}.html"), status=status
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return for_program(request, 404) or defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django calls it while it handles the exception, which no argument names."""
    if isinstance(sys.exc_info()[1], DATABASE_AWAY):
        return refused(request, 503)
    return for_program(request, 500) or defaults.server_error(request)


def refused(request: HttpRequest, status: int) -> HttpResponse:
    """What is no fault of the request itself: 408, 413, 429 and 503, with the time after which to try again."""
    response = for_program(request, status) or HttpResponse(
        render_to_string(f"{status}.html"), status=status
    )
    if status in RETRY_SECONDS:
        response.headers["Retry-After"] = str(RETRY_SECONDS[status])
    return response


def for_program(request: HttpRequest, status: int) -> HttpResponse | None:
    """The answer to a call of the API, or None for a page."""
    return of_status(request, status) if request.path.startswith("/api/") else None

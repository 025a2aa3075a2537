"""What went wrong: one sentence, what to do, a way on. A page for people; JSON for programs, below /api/."""

from collections.abc import Sequence

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults

FOR_PROGRAMS = {
    400: "The call could not be read. Compare it with /docs.",
    404: "There is nothing at this address. /docs lists what there is.",
    413: "The body is too large: a request has at most 4,000 characters.",
    500: "Something went wrong in the portal; the failure is in its log. Requests that were already sent are safe and go on.",
}


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
    return for_program(request, 500) or defaults.server_error(request)


def for_program(request: HttpRequest, status: int) -> HttpResponse | None:
    """The answer to a call of the API, or None for a page."""
    below = request.path.startswith("/api/")
    return JsonResponse({"detail": FOR_PROGRAMS[status]}, status=status) if below else None

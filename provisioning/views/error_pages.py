"""Pages for what went wrong: one sentence, what to do, a way on. Django itself serves the templates 400, 403, 404 and 500."""

from collections.abc import Sequence

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def error_page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "provisioning/error.html", {"status": status, "title": title, "text": text}, status=status)


def method_not_allowed(request: HttpRequest, methods: Sequence[str]) -> HttpResponse:
    text = "This address does not take what was sent to it. Go back and use the page's own buttons."
    response = error_page(request, 405, "That is not possible here", text)
    response["Allow"] = ", ".join(methods)
    return response


def staff_only(request: HttpRequest) -> HttpResponse:
    text = "Only the platform team (staff accounts) may do this. An administrator can grant it."
    return error_page(request, 403, "You are not allowed to do this", text)


def too_many(request: HttpRequest, seconds: int) -> HttpResponse:
    response = error_page(request, 429, "Too many requests", f"Try again in {seconds} seconds. Nothing was created.")
    response["Retry-After"] = str(seconds)
    return response


def bad_request(_: HttpRequest, exception: Exception) -> HttpResponse:
    """For `handler400`. Uses neither session nor database: a broken request may have broken those too."""
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return HttpResponse(render_to_string(f"{status}.html"), status=status)

"""Below /api/ every refusal is JSON, also those that are made before the API's own code is reached."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.views import csrf

from provisioning.api.errors import MethodNotAllowedError, ProofMissingError
from provisioning.api.problems import problem


class JsonErrors:
    """A middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 405 and request.path.startswith("/api/"):
            refusal = problem(request, MethodNotAllowedError(request.method))
            refusal.headers["Allow"] = response.headers.get("Allow", "")
            return refusal
        return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's view for a call that another site may have made (CSRF_FAILURE_VIEW)."""
    if request.path.startswith("/api/"):
        get_token(request)  # sets the cookie that the hint speaks of
        return problem(request, ProofMissingError())
    return csrf.csrf_failure(request, reason)

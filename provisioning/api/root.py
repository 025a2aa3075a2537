"""The NinjaAPI: routers and the one translation of errors into answers."""

import math

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from infrallm_portal import __version__
from provisioning.api.catalog import router as catalog_router
from provisioning.api.requests import router
from provisioning.api.responses import question_out
from provisioning.errors import ClarificationNeededError, InvalidInputError, PortalError

api = NinjaAPI(
    title="InfraLLM API",
    version=__version__,
    description="One sentence becomes one checked Terraform pull request.",
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="api",
)
api.add_router("/api/v1", router)
api.add_router("/api/v1", catalog_router)


@api.exception_handler(ValidationError)
def invalid_body(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The same shape as FastAPI's, without ninja's extra step in `loc`."""
    detail = [
        {"type": one["type"], "loc": [one["loc"][0], *one["loc"][2:]] if one["loc"][0] == "body" else list(one["loc"]),
         "msg": one["msg"]}
        for one in error.errors
    ]  # fmt: skip
    return api.create_response(request, {"detail": detail}, status=422)


@api.exception_handler(InvalidInputError)
def invalid_input(request: HttpRequest, error: InvalidInputError) -> HttpResponse:
    place = {"user": "query", "Idempotency-Key": "header", "X-GitHub-Delivery": "header"}.get(
        error.field, "body"
    )
    detail = [{"type": error.code, "loc": [place, error.field], "msg": error.message}]
    return api.create_response(request, {"detail": detail}, status=422)


@api.exception_handler(PortalError)
def refused(request: HttpRequest, error: PortalError) -> HttpResponse:
    questions = (
        [question_out(one).dict() for one in error.questions]
        if isinstance(error, ClarificationNeededError)
        else []
    )
    body = {"detail": error.message, "error_code": error.code, "questions": questions}
    response = api.create_response(request, body, status=error.http_status)
    wait = getattr(error, "retry_after", None)
    if wait:
        response["Retry-After"] = str(math.ceil(wait))
    return response


@api.exception_handler(AuthenticationError)
def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    body = {"detail": "Send `Authorization: Bearer <token>` with the token that this portal's operator set as API_TOKEN.",
            "error_code": "unauthorized", "questions": []}  # fmt: skip
    response = api.create_response(request, body, status=401)
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(HttpError)
def plain_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    message = (
        "The body is not JSON." if error.message == "Cannot parse request body" else error.message
    )
    return api.create_response(request, {"detail": message}, status=error.status_code)

"""The NinjaAPI: its routers, and which error becomes which answer."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from infrallm_portal import __version__
from provisioning.api.catalog import router as catalog_router
from provisioning.api.changes import router as changes_router
from provisioning.api.contents import router as contents_router
from provisioning.api.errors import BadCallError, UnknownCallerError
from provisioning.api.json_body import JsonBody
from provisioning.api.lists import router as lists_router
from provisioning.api.problems import problem
from provisioning.api.request_status import router as status_router
from provisioning.api.requests import router
from provisioning.api.schemas.problem import InvalidField
from provisioning.errors import InvalidInputError, PortalError

api = NinjaAPI(
    title="InfraLLM API",
    version=__version__,
    description="One sentence becomes one checked Terraform pull request.",
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="api",
    parser=JsonBody(),
)
ROUTERS = (router, status_router, lists_router, contents_router, changes_router, catalog_router)
for each in ROUTERS:
    api.add_router("/api/v1", each)


@api.exception_handler(ValidationError)
def invalid_call(request: HttpRequest, error: ValidationError) -> HttpResponse:
    invalid = [_invalid_field(one) for one in error.errors]
    named = [f"{'.'.join(map(str, one.loc[1:]))}: {one.msg}" for one in invalid]
    return problem(request, InvalidInputError("", f"{'. '.join(named)}."), invalid)


def _invalid_field(one: dict[str, Any]) -> InvalidField:
    """FastAPI's, whose `loc` lacks the step that ninja has for the parameter's name."""
    place, *path = one["loc"]
    within = path[1:] if place == "body" else path
    return InvalidField(type=one["type"], loc=[place, *within], msg=one["msg"])


@api.exception_handler(PortalError)
def refused(request: HttpRequest, error: PortalError) -> HttpResponse:
    return problem(request, error)


@api.exception_handler(AuthenticationError)
def unknown_caller(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = problem(request, UnknownCallerError())
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(HttpError)
def plain_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja's own; it wraps what the parser of bodies has raised."""
    cause = error.__cause__
    return problem(request, cause if isinstance(cause, PortalError) else BadCallError())

"""The one translation of errors into answers."""

import math
from collections.abc import Sequence
from typing import Any, cast

from django.http import HttpRequest, JsonResponse

from provisioning.api.call_ids import call_id
from provisioning.api.errors import BY_STATUS, CallError
from provisioning.api.responses import question_out
from provisioning.api.schemas.problem import FieldProblem, InvalidField, Place
from provisioning.errors import ClarificationNeededError, InvalidInputError, PortalError

PLACES = frozenset({"body", "query", "path", "header"})


def problem(
    request: HttpRequest, error: PortalError, invalid: Sequence[InvalidField] = ()
) -> JsonResponse:
    """`invalid` are the fields at fault where there are several; an `InvalidInputError` names its own."""
    fields = list(invalid) or _own_field(request, error)
    wait = getattr(error, "retry_after", None)
    body = {
        "detail": [one.dict() for one in fields] or error.message,
        "error_code": error.code,
        "message": error.message,
        "hint": error.next_step,
        "fields": [_field_problem(one).dict() for one in fields],
        "retryable": error.retryable,
        "retry_after": math.ceil(wait) if wait else None,
        "questions": _questions(error),
        "call_id": call_id(request),
    }
    answer = JsonResponse(body, status=error.http_status)
    answer.headers["Cache-Control"] = "no-store"
    if body["retry_after"]:
        answer.headers["Retry-After"] = str(body["retry_after"])
    return answer


def of_status(request: HttpRequest, status: int) -> JsonResponse:
    """For what is refused before the API's own code is reached, or after it failed."""
    kind: type[CallError] = BY_STATUS[status]
    return problem(request, kind())


def _own_field(request: HttpRequest, error: PortalError) -> list[InvalidField]:
    if not isinstance(error, InvalidInputError):
        return []
    place = _place_of(request, error.field)
    return [InvalidField(type=error.code, loc=[place, error.field], msg=error.message)]


def _place_of(request: HttpRequest, field: str) -> Place:
    """Headers of ours have a hyphen, fields of bodies have none, and a GET has no body."""
    if "-" in field and field in request.headers:
        return "header"
    return "query" if request.method in {"GET", "HEAD"} else "body"


def _field_problem(one: InvalidField) -> FieldProblem:
    place, *path = one.loc
    where = cast(Place, place) if place in PLACES else "body"
    name = ".".join(map(str, path)) or str(place)
    return FieldProblem(field=name, place=where, code=one.type, message=one.msg)


def _questions(error: PortalError) -> list[dict[str, Any]]:
    if not isinstance(error, ClarificationNeededError):
        return []
    return [question_out(one).dict() for one in error.questions]

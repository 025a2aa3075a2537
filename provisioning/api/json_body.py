"""Bodies are JSON that means the same to everybody who reads it (RFC 8259, section 4; RFC 7493)."""

import json
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny

from provisioning.api.errors import NotJsonError, WrongContentTypeError

# A body of the contract has three; deeper ones cost memory out of proportion to their size.
MOST_LEVELS = 20
# What JavaScript makes of an object that nobody turned into JSON; Backstage's HTTP action without a header does it.
UNWRITTEN = b"[object Object]"


class JsonBody(Parser):
    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """Raises `WrongContentTypeError` and `NotJsonError`, which ninja wraps."""
        _refuse_other_types(request)
        try:
            body: Any = json.loads(
                request.body, object_pairs_hook=_each_name_once, parse_constant=_no_constant
            )
        except RecursionError:
            raise _too_deep() from None
        except ValueError as error:
            raise NotJsonError(f"The body is not JSON: {_reason(error)}.") from None
        if _levels(body) > MOST_LEVELS:
            raise _too_deep()
        found: DictStrAny = body
        return found


def _refuse_other_types(request: HttpRequest) -> None:
    if request.body.strip() == UNWRITTEN:
        raise NotJsonError(
            "The body is the text [object Object]: the caller did not write its object as JSON. "
            "Send the header Content-Type: application/json, then it does."
        )
    kind = request.content_type or ""
    if kind != "application/json" and not kind.endswith("+json"):
        raise WrongContentTypeError(kind)


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Readers differ in which of two they believe, so that a check of one is no check of the other."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    twice = next(name for name in found if names.count(name) > 1)
    raise NotJsonError(f"The body has the name {twice[:80]!r} twice.")


def _no_constant(constant: str) -> None:
    raise NotJsonError(f"The body is not JSON: it has no {constant}.")


def _reason(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    return "it has a number that nobody can hold"


def _too_deep() -> NotJsonError:
    return NotJsonError(f"The body is nested deeper than {MOST_LEVELS} levels.")


def _levels(body: Any) -> int:
    """Level by level, since walking down would meet the same bound that the body tries."""
    levels, layer = 0, [body]
    while layer and levels <= MOST_LEVELS:
        layer = [item for value in layer for item in _items(value)]
        levels += 1
    return levels


def _items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []

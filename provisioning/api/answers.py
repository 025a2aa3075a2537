"""The refusals that a description of an operation lists: what any call may get, and what only some do."""

from typing import Any

from provisioning.api.schemas.problem import Invalid, Problem

# Every operation asks who is calling and counts the call; any may meet a bug or a database that is away.
REFUSALS: dict[int, Any] = {
    400: Problem,
    401: Problem,
    403: Problem,
    422: Invalid,
    429: Problem,
    500: Problem,
    503: Problem,
}
NOT_MODIFIED: dict[int, Any] = {304: None}
NOT_FOUND: dict[int, Any] = {404: Problem}
OF_STATES: dict[int, Any] = {409: Problem}
# Of operations with a body.
OF_BODIES: dict[int, Any] = {408: Problem, 413: Problem, 415: Problem}
# Of those that ask a service outside before they answer.
OF_OUTSIDE: dict[int, Any] = {502: Problem}
# Of what nobody has to sign in for.
WITHOUT_CALLER = {status: schema for status, schema in REFUSALS.items() if status != 403}

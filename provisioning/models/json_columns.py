"""Frozen values in JSON columns."""

from typing import Any, TypeVar

from pydantic import TypeAdapter

from provisioning.domain import Generated, PullRequestState, Requirements, Usage

Stored = TypeVar("Stored", Generated, PullRequestState, Requirements, Usage)

_FORMS: dict[type, TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (Generated, PullRequestState, Requirements, Usage)
}


def as_json(value: Generated | PullRequestState | Requirements | Usage) -> Any:
    return _FORMS[type(value)].dump_python(value, mode="json")


def from_json(kind: type[Stored], column: Any) -> Stored | None:
    return None if column is None else _FORMS[kind].validate_python(column)

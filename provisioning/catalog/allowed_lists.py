"""The lists of `_common/allowed.json` by their names: "lambda.runtime", or "rds.engine_version.{engine}", which is another
list for each value of a parameter."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class AllowedList(NamedTuple):
    """`when` is what the parameters in the name's braces must be for this list to hold: {"engine": "postgres"}."""

    when: Mapping[str, str]
    values: list[Any]


def parameter_of(step: str) -> str:
    """ "{engine}" → "engine"; "" for a step that names itself."""
    return step[1:-1] if step.startswith("{") else ""


def depends_on(name: str) -> list[str]:
    """The parameters that decide which list it is."""
    return [parameter_of(step) for step in name.split(".") if parameter_of(step)]


def allowed_lists(allowed: Mapping[str, Any], name: str) -> Iterator[AllowedList]:
    """Every list that the name can mean, in the file's order; none where the file has none."""
    yield from _lists(allowed, name.split("."), {})


def _lists(node: object, steps: list[str], when: Mapping[str, str]) -> Iterator[AllowedList]:
    if not steps:
        if isinstance(node, list):
            yield AllowedList(when, node)
        return
    if not isinstance(node, dict):
        return
    step, *rest = steps
    parameter = parameter_of(step)
    if not parameter:
        yield from _lists(node.get(step), rest, when)
        return
    for value, below in node.items():
        yield from _lists(below, rest, {**when, parameter: value})


def list_for(allowed: Mapping[str, Any], name: str, given: Mapping[str, Any]) -> list[Any] | None:
    """The list for these values, or None while a parameter in the braces has no value yet."""
    node: Any = allowed
    for step in name.split("."):
        parameter = parameter_of(step)
        # JSON's keys are texts, also where the parameter is a number (CPU units).
        key = str(given.get(parameter, "")) if parameter else step
        node = node.get(key) if isinstance(node, dict) else None
    return list(node) if isinstance(node, list) else None

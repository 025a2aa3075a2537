"""Start-up checks of what one part of a folder says about another: policies, relations, conditions, allowed values."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provisioning.catalog.format import EmulatorException, FieldSpec, Policy, Relation
from provisioning.catalog.types import Catalog, ResourceType

NUMBERS = {"integer", "number"}
Mistakes = Iterator[tuple[str, str]]


def rule_mistakes(catalog: Catalog, resource_type: ResourceType) -> Mistakes:
    fields = dict(resource_type.fields())
    for key, paths in _named(resource_type):
        yield from (
            (key, f"{path!r} is not a parameter.") for path in paths if path and path not in fields
        )
    for policy in resource_type.file.policy:
        yield from ((f"policy.{policy.name}", reason) for reason in _policy(policy, fields))
    for relation in resource_type.file.relation:
        yield from ((f"relation.{relation.name}", reason) for reason in _relation(relation, fields))
    for number, exception in enumerate(resource_type.file.emulator):
        yield from ((f"emulator[{number}]", reason) for reason in _exception(exception))
    for path, field in fields.items():
        if field.allowed:
            yield from (
                (f"parameters.{path}.allowed", reason)
                for reason in _allowed(catalog, field, fields)
            )


def _named(resource_type: ResourceType) -> Iterator[tuple[str, Iterable[str]]]:
    file = resource_type.file
    yield "branch_word", [file.branch_word]
    yield "named_by", [file.named_by]
    for policy in file.policy:
        yield f"policy.{policy.name}", [policy.parameter, *_conditions(policy.when)]
    for rule in file.relation:
        yield (
            f"relation.{rule.name}",
            [rule.left, rule.right, *rule.parameters, *_conditions(rule.when)],
        )
    for beside in file.beside:
        yield f"beside.{beside.name}", [beside.parameter]
    for number, conditional in enumerate(file.conditional_defaults):
        yield f"conditional_defaults[{number}].when", _conditions(conditional.when)
    for number, exception in enumerate(file.emulator):
        yield f"emulator[{number}].parameters", exception.parameters


def _exception(exception: EmulatorException) -> Iterator[str]:
    of_resource = [exception.omit or exception.set, exception.differs, exception.stays]
    if sum(map(bool, [exception.parameters, *of_resource])) != 1 or any(of_resource) != bool(
        exception.resource
    ):
        yield "either parameters, or a resource with omit, set, differs or stays."


def _conditions(when: Mapping[str, object]) -> list[str]:
    return [name for name in when if name != "environment"]


def _policy(policy: Policy, fields: Mapping[str, FieldSpec]) -> Iterator[str]:
    field = fields.get(policy.parameter)
    if policy.operator in {"minimum", "maximum"}:
        if field and field.type not in NUMBERS:
            yield f"{policy.operator} is for numbers; {policy.parameter!r} is of type {field.type}."
        if isinstance(policy.value, bool) or not isinstance(policy.value, int | float):
            yield f"{policy.operator} needs a number, not {policy.value!r}."
    elif isinstance(policy.value, list) != (policy.operator in {"one_of", "not_one_of"}):
        yield f"{policy.operator} needs {'one value' if isinstance(policy.value, list) else 'a list'}."


def _relation(relation: Relation, fields: Mapping[str, FieldSpec]) -> Iterator[str]:
    sides = [relation.left, relation.right]
    if relation.operator in {"at_most", "pairs"} and not all(sides):
        yield f"{relation.operator} needs left and right."
    if relation.operator == "at_most":
        for path in sides:
            if path in fields and fields[path].type not in NUMBERS:
                yield f"at_most is for numbers; {path!r} is of type {fields[path].type}."
    if (relation.operator == "pairs") != bool(relation.pairs):
        yield "pairs, and only pairs, lists the right values of each left value."
    if relation.operator in {"requires", "excludes"} and not (relation.parameters or all(sides)):
        yield f"{relation.operator} needs parameters, or left and right."


def _allowed(catalog: Catalog, field: FieldSpec, fields: Mapping[str, FieldSpec]) -> Iterator[str]:
    """Every list that the name can mean must be there; a missing one would allow anything."""
    nodes: list[tuple[str, Any]] = [("", catalog.allowed)]
    for step in field.allowed.split("."):
        if step.startswith("{") and step[1:-1] not in fields:
            yield f"{step[1:-1]!r} is not a parameter."
            return
        keys = _keys(fields[step[1:-1]], nodes) if step.startswith("{") else [step]
        nodes = [
            (f"{path}.{key}".lstrip("."), node.get(key) if isinstance(node, dict) else None)
            for path, node in nodes
            for key in keys
        ]
    yield from (
        f"allowed.json has no list {path!r}." for path, node in nodes if not isinstance(node, list)
    )


def _keys(field: FieldSpec, nodes: list[tuple[str, Any]]) -> list[str]:
    """Of a parameter with an enumeration all its values; of any other those that the lists are there for."""
    if field.enum:
        return [str(choice) for choice in field.enum]
    return sorted({key for _, node in nodes if isinstance(node, dict) for key in node}) or ["…"]

"""Settled requirements → the same within every rule of the catalog, or one refusal that names all broken rules."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.defaults import (
    broken_lists,
    broken_policies,
    condition_holds,
    with_item_values,
)
from provisioning.catalog.format import Relation
from provisioning.catalog.paths import general, parse_path
from provisioning.catalog.values import coerce
from provisioning.domain import (
    Origin,
    ParameterValue,
    Question,
    Requirements,
    Resource,
    Value,
    Violation,
)
from provisioning.errors import ClarificationNeededError, InvalidInputError, PolicyViolationError
from provisioning.pipeline import clashes
from provisioning.pipeline.corrections import keeping, nearest_bound
from provisioning.pipeline.neighbors import reconciled

# What counts as no value: a text or a list that somebody left empty asks for nothing.
EMPTY = (None, "", ())


def apply(catalog: Catalog, requirements: Requirements) -> Requirements:
    """Raises `PolicyViolationError` with every broken rule, or `ClarificationNeededError` where only
    defaults stand against what was asked for. A default that a relation contradicts gives way to what was stated;
    its origin is then the rule, and a note says so."""
    neighbors = reconciled(catalog, requirements.resources)
    resources: list[Resource] = []
    notes = [*requirements.notes, *neighbors.notes]
    violations = list(neighbors.broken)
    asked: list[Question] = []
    for number, resource in enumerate(neighbors.resources, 1):
        resource_type = catalog.types[resource.type]
        kept, changes, broken = _related(resource_type, resource)
        clashing = clashes.questions(catalog, resource_type, kept)
        asked += clashing
        if not clashing:
            broken += _broken_policies(resource_type, kept)
            broken += _out_of_bounds(catalog, resource_type, kept)
        broken += _elsewhere(catalog, kept)
        broken += [Violation(said) for said in broken_lists(resource_type, plain(kept))]
        resources.append(kept)
        notes += changes
        violations += _of_resource(number, kept.name, broken)
    settled_here = replace(requirements, resources=tuple(resources), notes=tuple(notes))
    settled_here = replace(requirements, resources=tuple(resources), notes=tuple(notes))
    if violations:
        raise PolicyViolationError(violations, settled_here)
    if asked:
        reason = " ".join(question.text for question in asked)
        raise ClarificationNeededError(reason, asked)
    return settled_here


def _of_resource(number: int, name: str, broken: Sequence[Violation]) -> Iterator[Violation]:
    """A rule that several items of a list break is told once."""
    told = set()
    for one in broken:
        if one.sentence not in told:
            told.add(one.sentence)
            place = f"{number}.{one.place}" if one.place else ""
            yield Violation(f"{name}: {one.sentence}", place, one.instead)


def plain(resource: Resource) -> dict[str, ParameterValue]:
    return {path: value.value for path, value in resource.parameters.items()}


def _elsewhere(catalog: Catalog, resource: Resource) -> Iterator[Violation]:
    """An environment without any region in `platform.toml` says nothing of where it is."""
    name = str(resource.environment.value)
    region, known = plain(resource).get("region"), catalog.platform.environments[name].regions
    if region and known and region not in known:
        sentence = f"{name} is not in {region}; it is in {', '.join(known)}."
        yield Violation(sentence, "region", tuple(known))


def _broken_policies(resource_type: ResourceType, resource: Resource) -> Iterator[Violation]:
    environment = str(resource.environment.value)
    for policy, path in broken_policies(resource_type, environment, plain(resource)):
        instead = keeping(policy, resource_type.field(path))
        yield Violation(f"{policy.message} ({policy.name})", path, instead)


def _out_of_bounds(
    catalog: Catalog, resource_type: ResourceType, resource: Resource
) -> Iterator[Violation]:
    """A default may only prove impossible beside a stated value (an engine's version list), so bounds are seen once more."""
    values = plain(resource)
    for path, value in values.items():
        field = resource_type.field(path)
        if field is None or value is None:
            continue
        try:
            coerce(catalog, path, field, value, values)
        except InvalidInputError as error:
            yield Violation(error.message, path, nearest_bound(field, value))


def _related(
    resource_type: ResourceType, resource: Resource
) -> tuple[Resource, list[str], list[Violation]]:
    notes: list[str] = []
    broken: list[Violation] = []
    for relation in resource_type.file.relation:
        # Taken anew for each: an earlier relation may have changed a value that this one looks at.
        values: dict[str, Any] = {**plain(resource), "environment": resource.environment.value}
        for left, right in _places(relation, values):
            if not condition_holds(relation.when, with_item_values(left, values)):
                continue
            changed = _give_way(relation, resource, left, right)
            if changed:
                resource = changed
                notes.append(relation.message)
            elif not _satisfied(relation, values, left, right):
                broken.append(Violation(f"{relation.message} ({relation.name})", right))
    return resource, notes, broken


def _places(relation: Relation, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The leaf paths that the relation's general paths mean; one pair per list item."""
    if not relation.left:
        return [("", "")]
    lefts = [path for path in values if general(path) == relation.left]
    return [(left, _in_item_of(left, relation.right)) for left in lefts]


def _in_item_of(left: str, right: str) -> str:
    """The right side in the item that the left one is in; outside of lists it is the same for all."""
    left_place, right_place = parse_path(left), parse_path(right)
    if left_place is None or right_place is None:
        return right
    return str(right_place.at(left_place.item))


def _give_way(relation: Relation, resource: Resource, left: str, right: str) -> Resource | None:
    """The resource with the default changed that a stated value contradicts; None where nothing has to or may give way."""
    if relation.operator != "at_most":
        return None
    low, high = resource.parameters.get(left), resource.parameters.get(right)
    if low is None or high is None:
        return None
    least = _number(low) * relation.times + relation.plus
    if least <= _number(high):
        return None
    # Where both are defaults the upper one moves: more room breaks nothing that was asked for.
    if high.origin.kind == "default":
        path, value = right, math.ceil(least)
    elif low.origin.kind == "default":
        path, value = left, math.floor((_number(high) - relation.plus) / relation.times)
    else:
        return None
    changed = Value(value, Origin("policy", relation.name))
    return replace(resource, parameters={**resource.parameters, path: changed})


def _satisfied(relation: Relation, values: Mapping[str, Any], left: str, right: str) -> bool:
    match relation.operator:
        case "requires":
            needed = [right] if relation.left else relation.parameters
            return all(values.get(name) not in EMPTY for name in needed)
        case "excludes":
            # `false` is what somebody says who does not want it.
            return all(values.get(name) in (*EMPTY, False) for name in relation.parameters)
    left_value, right_value = values.get(left), values.get(right)
    if left_value is None or right_value is None:
        return True
    if relation.operator == "at_most":
        return bool(left_value * relation.times + relation.plus <= right_value)
    return right_value in relation.pairs.get(str(left_value), [])


def _number(value: Value) -> float:
    return float(value.value) if isinstance(value.value, int | float) else 0.0

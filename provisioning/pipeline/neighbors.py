"""What two resources of one application in one request ask of each other: `[[beside]]` of a type."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from provisioning.catalog import Catalog
from provisioning.catalog.format import Beside
from provisioning.domain import Origin, Resource, Value, Violation


@dataclass(frozen=True, slots=True)
class Reconciled:
    resources: tuple[Resource, ...]
    notes: tuple[str, ...]
    broken: tuple[Violation, ...]


def reconciled(catalog: Catalog, resources: Sequence[Resource]) -> Reconciled:
    """A default gives way to what its neighbor needs, with a note. A stated value is refused where the
    neighbor could not work."""
    kept = list(resources)
    notes: list[str] = []
    broken: list[Violation] = []
    for place, rule, other in _pairs(catalog, resources):
        resource = kept[place]
        own = resource.parameters.get(rule.parameter)
        least = _number(other.parameters.get(rule.needs))
        # Where either has no value there is nothing to compare.
        if own is None or least == 0:
            continue
        wanted = least * rule.times
        if own.origin.kind == "default" and _number(own) < wanted:
            value = Value(math.ceil(wanted), Origin("policy", rule.name))
            parameters = {**resource.parameters, rule.parameter: value}
            kept[place] = replace(resource, parameters=parameters)
            notes.append(rule.message)
        # What was stated need only work; how much room is wise is the person's business.
        elif own.origin.kind != "default" and _number(own) < least:
            sentence = f"{resource.name}: {rule.message} ({rule.name})"
            where = f"{place + 1}.{rule.parameter}"
            broken.append(Violation(sentence, where, (math.ceil(least),)))
    return Reconciled(tuple(kept), tuple(notes), tuple(broken))


def _pairs(
    catalog: Catalog, resources: Sequence[Resource]
) -> Iterator[tuple[int, Beside, Resource]]:
    for place, resource in enumerate(resources):
        for rule in catalog.types[resource.type].file.beside:
            for other in resources:
                if other.type == rule.type and _belong_together(resource, other):
                    yield place, rule, other


def _belong_together(one: Resource, other: Resource) -> bool:
    same_application = one.application.value == other.application.value
    return same_application and one.environment.value == other.environment.value


def _number(value: Value | None) -> float:
    known = value.value if value else None
    return float(known) if isinstance(known, int | float) else 0.0

"""What two resources of one application in one request ask of each other: `[[beside]]` of a type."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from provisioning.catalog import Catalog
from provisioning.catalog.format import Beside
from provisioning.domain import Origin, Resource, Value


@dataclass(frozen=True, slots=True)
class Settled:
    resources: tuple[Resource, ...]
    notes: tuple[str, ...]
    broken: tuple[str, ...]


def settled(catalog: Catalog, resources: Sequence[Resource]) -> Settled:
    """A default gives way to what its neighbor needs, with a note. A stated value is refused where the
    neighbor could not work."""
    kept = list(resources)
    notes: list[str] = []
    broken: list[str] = []
    for place, rule, other in _pairs(catalog, resources):
        own, needed = kept[place].parameters.get(rule.parameter), other.parameters.get(rule.needs)
        least = _number(needed)
        if own is None or least == 0:
            continue
        if own.origin.kind == "default" and _number(own) < least * rule.times:
            value = Value(math.ceil(least * rule.times), Origin("policy", rule.name))
            kept[place] = replace(
                kept[place], parameters={**kept[place].parameters, rule.parameter: value}
            )
            notes.append(rule.message)
        elif own.origin.kind != "default" and _number(own) < least:
            broken.append(f"{kept[place].name}: {rule.message} ({rule.name})")
    return Settled(tuple(kept), tuple(notes), tuple(broken))


def _pairs(
    catalog: Catalog, resources: Sequence[Resource]
) -> Iterator[tuple[int, Beside, Resource]]:
    for place, resource in enumerate(resources):
        for rule in catalog.types[resource.type].file.beside:
            for other in resources:
                if other.type == rule.type and _belong_together(resource, other):
                    yield place, rule, other


def _belong_together(one: Resource, other: Resource) -> bool:
    return (one.application.value, one.environment.value) == (
        other.application.value,
        other.environment.value,
    )


def _number(value: Value | None) -> float:
    known = value.value if value else None
    return float(known) if isinstance(known, int | float) else 0.0

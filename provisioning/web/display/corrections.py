"""Broken rules, each with the buttons that would mend it."""

from collections.abc import Sequence
from dataclasses import dataclass

from provisioning.catalog import Catalog
from provisioning.catalog.format import FieldSpec
from provisioning.domain import Requirements, Violation
from provisioning.pipeline.edits import written
from provisioning.web.display.facts import display_value


@dataclass(frozen=True, slots=True)
class Correction:
    """`instead` is what its button sends: the place of the value, and another value for it."""

    instead: str
    title: str


@dataclass(frozen=True, slots=True)
class BrokenRule:
    sentence: str
    corrections: tuple[Correction, ...]


def corrections(
    catalog: Catalog, requirements: Requirements | None, violations: Sequence[Violation]
) -> list[BrokenRule]:
    return [_rule(catalog, requirements, violation) for violation in violations]


def _rule(catalog: Catalog, requirements: Requirements | None, violation: Violation) -> BrokenRule:
    field = _field(catalog, requirements, violation.place)
    offered = violation.instead if field else ()
    title = field.title if field else ""
    return BrokenRule(
        violation.sentence,
        tuple(
            Correction(
                f"{violation.place}={written(value)}", f"{title}: {display_value(value, field)}"
            )
            for value in offered
        ),
    )


def _field(catalog: Catalog, requirements: Requirements | None, place: str) -> FieldSpec | None:
    of, _, path = place.partition(".")
    if of.isdecimal() and requirements is not None:
        of = requirements.resources[int(of) - 1].type
    resource_type = catalog.types.get(of)
    return resource_type.field(path) if resource_type else None

"""Renderings in which each value that may be asked for stands once: bounds, choices and the lists of allowed values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.format import FieldSpec
from provisioning.certify.variants import example_resource
from provisioning.domain import RenderedResource
from provisioning.errors import ClarificationNeededError, InvalidInputError, PolicyViolationError
from provisioning.pipeline.render import render

Stated = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EveryValue:
    """`refused` are values that no environment may have, as policies say: "public true"."""

    rendered: tuple[RenderedResource, ...]
    stated: int
    refused: tuple[str, ...]


def every_value(catalog: Catalog, resource_type: ResourceType) -> EveryValue:
    """As many at once as the policies let stand together."""
    rendered: list[RenderedResource] = []
    refused: list[str] = []
    columns = list(_columns(catalog, resource_type))
    for row in _rows(columns):
        together, rest = _merged(row)
        made = _rendered(catalog, resource_type, together)
        if made:
            rendered.append(made)
        for stated in rest if made else row:
            alone = _rendered(catalog, resource_type, stated)
            rendered += [alone] if alone else []
            refused += [] if alone else [_said(stated)]
    return EveryValue(tuple(rendered), sum(map(len, columns)), tuple(refused))


def _columns(catalog: Catalog, resource_type: ResourceType) -> Iterator[list[Stated]]:
    """Of each parameter what may be stated, with the parameters that its list depends on."""
    for path, field in resource_type.fields_outside_lists():
        if not field.structure:
            found = list(_of_field(catalog, resource_type, path, field))
            if found:
                yield found


def _of_field(
    catalog: Catalog, resource_type: ResourceType, path: str, field: FieldSpec
) -> Iterator[Stated]:
    if field.enum:
        yield from ({path: value} for value in field.enum)
    elif field.allowed:
        yield from _allowed(catalog, resource_type, path, field)
    elif field.type == "boolean":
        yield from ({path: value} for value in (False, True))
    else:
        bounds = [bound for bound in (field.minimum, field.maximum) if bound is not None]
        yield from ({path: int(bound) if bound == int(bound) else bound} for bound in bounds)


def _allowed(
    catalog: Catalog, resource_type: ResourceType, path: str, field: FieldSpec
) -> Iterator[Stated]:
    """Each value once, beside the first value of the other parameter that has it in its list."""
    seen: set[Any] = set()
    for one in catalog.allowed_lists(field.allowed):
        beside = _typed(resource_type, one.when)
        for value in one.values:
            if value not in seen:
                seen.add(value)
                yield {path: value, **beside}


def _typed(resource_type: ResourceType, when: Mapping[str, str]) -> Stated:
    stated: Stated = {}
    for name, value in when.items():
        field = resource_type.field(name)
        # allowed.json keys its lists by text, whatever the parameter's type is.
        stated[name] = int(value) if field and field.type == "integer" else value
    return stated


def _rows(columns: Sequence[list[Stated]]) -> Iterator[list[Stated]]:
    # Rows and not the product: a value breaks by itself or beside what it depends on, which stands in its own column.
    for number in range(max(map(len, columns), default=0)):
        yield [column[number] for column in columns if number < len(column)]


def _merged(row: Sequence[Stated]) -> tuple[Stated, list[Stated]]:
    """What can be stated together, and what would take another's place."""
    merged: Stated = {}
    rest: list[Stated] = []
    for stated in row:
        fits = all(merged.get(name, value) == value for name, value in stated.items())
        if fits:
            merged |= stated
        else:
            rest.append(stated)
    return merged, rest


def _rendered(
    catalog: Catalog, resource_type: ResourceType, stated: Mapping[str, Any]
) -> RenderedResource | None:
    for environment in catalog.environments:
        try:
            return render(catalog, example_resource(catalog, resource_type, environment, stated))
        except (ClarificationNeededError, PolicyViolationError, InvalidInputError):
            continue
    return None


def _said(stated: Stated) -> str:
    return ", ".join(f"{name} {value}" for name, value in stated.items())

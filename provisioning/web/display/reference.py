"""A resource type as its reader sees it: each parameter with what is allowed and what holds where nobody says anything."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.defaults import default_values
from provisioning.catalog.format import FieldSpec, Policy
from provisioning.catalog.paths import general, parse_path
from provisioning.web.display.facts import display_value

# What a cell of the table shows without growing; the API has all of them.
MOST_CHOICES = 8


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """`defaults` has one entry per environment, in the platform's order; None where nothing is set."""

    path: str
    title: str
    description: str
    allowed: str
    defaults: tuple[str | None, ...]
    policies: tuple[Policy, ...]
    required: bool
    setting: bool


def parameter_rows(catalog: Catalog, resource_type: ResourceType) -> tuple[ParameterRow, ...]:
    per_environment = [
        _defaults(catalog, resource_type, environment) for environment in catalog.environments
    ]
    # In the order of the file, which its authors chose for readers.
    rows = []
    for path, field in resource_type.fields():
        policies = [policy for policy in resource_type.file.policy if policy.parameter == path]
        row = ParameterRow(
            path=path,
            title=_title(resource_type, path, field),
            description=field.description,
            allowed=", ".join(_allowed(catalog, field)),
            defaults=tuple(found.get(path) for found in per_environment),
            policies=tuple(policies),
            required=field.required,
            setting=bool(field.setting),
        )
        rows.append(row)
    return tuple(rows)


def _defaults(catalog: Catalog, resource_type: ResourceType, environment: str) -> dict[str, str]:
    """By general path; where a list has several items by default, their values stand beside each other."""
    found: dict[str, list[str]] = {}
    for path, value in default_values(catalog, resource_type, environment).items():
        if value is not None:
            words = display_value(value, resource_type.field(path))
            found.setdefault(general(path), []).append(words)
    return {path: " / ".join(dict.fromkeys(values)) for path, values in found.items()}


def _title(resource_type: ResourceType, path: str, field: FieldSpec) -> str:
    place = parse_path(path)
    if place is None or not place.field:
        return field.title
    return f"{resource_type.parameters[place.parameter].title}: {field.title}"


def _allowed(catalog: Catalog, field: FieldSpec) -> Iterator[str]:
    listed = catalog.allowed_values(field.allowed, {}) if field.allowed else None
    choices = field.enum or listed
    if choices:
        yield _some(choices, MOST_CHOICES)
    elif field.allowed:
        yield "; ".join(_depending(catalog, field))
    elif field.type == "boolean":
        yield "on or off"
    yield from _bounds(field)
    if field.pattern_hint:
        yield field.pattern_hint


def _some(choices: Sequence[object], most: int) -> str:
    words = [str(choice) for choice in choices[:most]]
    if len(choices) > most:
        words.append(f"and {len(choices) - most} more")
    return ", ".join(words)


def _depending(catalog: Catalog, field: FieldSpec) -> Iterator[str]:
    """ "for postgres 18, 17, …; for mysql 8.4, …": where the list is another for each value of another parameter."""
    for one in catalog.allowed_lists(field.allowed):
        values = " and ".join(one.when.values())
        yield f"for {values} {_some(one.values, MOST_CHOICES // 2)}"


def _bounds(field: FieldSpec) -> Iterator[str]:
    low, high = _bound(field, field.minimum), _bound(field, field.maximum)
    if low and high:
        yield f"{low} to {high}"
    elif low:
        yield f"at least {low}"
    elif high:
        yield f"at most {high}"
    if field.multiple_of:
        yield f"in steps of {field.multiple_of}"


def _bound(field: FieldSpec, bound: float | None) -> str:
    return "" if bound is None else display_value(_whole(bound), field)


def _whole(bound: float) -> float | int:
    return int(bound) if bound == int(bound) else bound

"""What holds when nobody says anything else: defaults per type and environment, and the rules that values must keep."""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from provisioning.catalog.format import Default, FieldSpec, Parameter, Policy
from provisioning.catalog.networks import free_ranges
from provisioning.catalog.paths import ParameterPath, general, item_count, parse_path
from provisioning.catalog.types import Catalog, ResourceType
from provisioning.domain import ParameterValue

Leaves = dict[str, tuple[ParameterValue, str]]
# Of each parameter the value before it is taken apart into leaves, and which default that was.
Chosen = dict[str, tuple[Any, str]]

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "equals": operator.eq,
    "one_of": lambda given, allowed: given in allowed,
    "not_one_of": lambda given, refused: given not in refused,
    "said": lambda given, _: True,
}


def defaults_of(
    catalog: Catalog, resource_type: ResourceType, environment: str, stated: Mapping[str, Any]
) -> Leaves:
    """Each leaf that has a default and was not stated → (value, which default it is). List items that were stated are
    filled up from the default item at the same place, then from the fields' own defaults."""
    chosen = _whole_defaults(catalog, resource_type, environment, stated)
    leaves: Leaves = {}
    for name, parameter in resource_type.parameters.items():
        default, detail = chosen.get(name, (None, ""))
        if isinstance(parameter.items, dict):
            leaves.update(_items(name, parameter, default, detail, stated))
        elif default is not None:
            leaves[name] = (_frozen(default), detail)
    for path in stated:
        leaves.pop(path, None)
    return leaves


def default_values(
    catalog: Catalog, resource_type: ResourceType, environment: str
) -> dict[str, ParameterValue]:
    """Path → value of what an empty request gets there."""
    values: dict[str, ParameterValue] = {}
    for path, (value, _) in defaults_of(catalog, resource_type, environment, {}).items():
        values[path] = value
    return values


def _whole_defaults(
    catalog: Catalog, resource_type: ResourceType, environment: str, stated: Mapping[str, Any]
) -> Chosen:
    """From the least particular to the most: what the platform or the type says, then the environment,
    then what depends on other values. A later one takes the place of an earlier one."""
    chosen = _unconditional(catalog, resource_type, environment, stated)
    for name, value in resource_type.file.defaults.get(environment, {}).items():
        chosen[name] = (value, f"default of {environment}")
    for conditional in resource_type.file.conditional_defaults:
        # Computed anew for each: a conditional default may decide whether the next one holds.
        known = {name: value for name, (value, _) in chosen.items()}
        known.update(stated)
        known["environment"] = environment
        if condition_holds(conditional.when, known):
            source = f"default for {_in_words(conditional.when, known)}"
            for name, value in conditional.set.items():
                chosen[name] = (value, source)
    return chosen


def _unconditional(
    catalog: Catalog, resource_type: ResourceType, environment: str, stated: Mapping[str, Any]
) -> Chosen:
    # Networks and keys differ by region, so a stated region decides which settings there are.
    region = stated.get("region", default_region(catalog, environment))
    settings = catalog.platform.environments[environment].in_region(region)
    chosen: Chosen = {}
    for name, parameter in resource_type.parameters.items():
        setting = settings.get(parameter.setting) if parameter.setting else None
        if setting is not None:
            chosen[name] = (setting, f"platform setting of {environment}")
        elif parameter.allocated:
            chosen[name] = (_first_range(catalog, environment), f"first range of {environment}")
        elif parameter.default is not None:
            chosen[name] = (parameter.default, f"default of {resource_type.name}")
    if "region" in chosen:
        chosen["region"] = (region, chosen["region"][1])
    return chosen


def _in_words(when: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    parts = [f"{name} {_written(known.get(name))}" for name in when]
    return " and ".join(parts)


def _first_range(catalog: Catalog, environment: str) -> str | None:
    """What it would be if no network had been asked for yet; None where the environment has no pool."""
    return next(free_ranges(catalog.platform, environment), None)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def default_region(catalog: Catalog, environment: str = "") -> object:
    """The platform's, or the first one that the environment has where it does not have that."""
    common = catalog.platform.parameters.get("region")
    general = common.default if common else None
    known = catalog.platform.environments[environment].regions if environment else {}
    return next(iter(known), None) if known and general not in known else general


def _items(
    name: str, parameter: Parameter, default: Any, detail: str, stated: Mapping[str, Any]
) -> Leaves:
    fields: Mapping[str, FieldSpec] = parameter.items if isinstance(parameter.items, dict) else {}
    rows = list(default or [])
    count = max(len(rows), item_count(name, stated))
    leaves: Leaves = {}
    for index in range(count):
        row = rows[index] if index < len(rows) else {}
        for field_name, field in fields.items():
            value = row.get(field_name, field.default)
            if value is None:
                continue
            path = str(ParameterPath(name, index, field_name))
            source = detail if field_name in row else f"default of {name}"
            leaves[path] = (value, source)
    return leaves


def _frozen(value: Default) -> ParameterValue:
    return tuple(str(item) for item in value) if isinstance(value, list) else value


def condition_holds(when: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Every named value is the wanted one, or one of the wanted ones, or, where "*" is wanted, there at all."""
    return all(_is(values.get(name), wanted) for name, wanted in when.items())


def _is(value: object, wanted: object) -> bool:
    if wanted == "*":
        return value is not None
    return value in wanted if isinstance(wanted, list) else value == wanted


def with_item_values(path: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values, those of the list item that `path` lies in also under their general paths."""
    place = parse_path(path)
    if place is None or not place.field:
        return values
    extended = dict(values)
    for text, value in values.items():
        other = parse_path(text)
        if other and place.same_item(other):
            extended[str(other.at(None))] = value
    return extended


def keeps(policy: Policy, value: ParameterValue) -> bool:
    given: Any = value
    return _OPERATORS[policy.operator](given, policy.value)


def broken_policies(
    resource_type: ResourceType, environment: str, values: Mapping[str, ParameterValue]
) -> Iterator[tuple[Policy, str]]:
    """Each policy that a value breaks, with the leaf path of the value."""
    known = {**values, "environment": environment}
    for policy in resource_type.file.policy:
        for path, value in values.items():
            if value is None or general(path) != policy.parameter:
                continue
            applies = condition_holds(policy.when, with_item_values(path, known))
            if applies and not keeps(policy, value):
                yield policy, path


def broken_lists(
    resource_type: ResourceType, values: Mapping[str, ParameterValue]
) -> Iterator[str]:
    """A sentence for each list with too many items, or with two of the same name."""
    for name, rows in assemble(resource_type, values).items():
        parameter = resource_type.parameters[name]
        if not isinstance(rows, list):
            continue
        if len(rows) > parameter.max_items:
            yield f"{parameter.title}: {parameter.max_items} are allowed, not {len(rows)}."
        if parameter.unique_by:
            for name_taken in _repeated([row[parameter.unique_by] for row in rows]):
                yield f"{parameter.title}: {name_taken!r} stands twice."


def _repeated(names: Sequence[object]) -> set[object]:
    # Items without a name are told apart by their place; only two equal names would collide in AWS.
    given = [name for name in names if name is not None]
    return {name for name in given if given.count(name) > 1}


def assemble(resource_type: ResourceType, values: Mapping[str, ParameterValue]) -> dict[str, Any]:
    """Leaves put together as Terraform takes them: every parameter is there, null where it has no value."""
    whole: dict[str, Any] = {}
    for name, parameter in resource_type.parameters.items():
        if isinstance(parameter.items, dict):
            whole[name] = _rows(name, parameter.items, values)
        else:
            value = values.get(name)
            whole[name] = list(value) if isinstance(value, tuple) else value
    return whole


def _rows(
    name: str, fields: Mapping[str, FieldSpec], values: Mapping[str, ParameterValue]
) -> list[dict[str, Any]]:
    rows = []
    for index in range(item_count(name, values)):
        row = {}
        for field in fields:
            row[field] = values.get(str(ParameterPath(name, index, field)))
        rows.append(row)
    return rows

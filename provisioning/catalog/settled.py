"""What holds when nobody says anything else: defaults per type and environment, and the rules that values must keep."""

import operator
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from provisioning.catalog.format import Default, FieldSpec, Parameter, Policy
from provisioning.catalog.types import LEAF, Catalog, ResourceType, general
from provisioning.domain import ParameterValue

Leaves = dict[str, tuple[ParameterValue, str]]

_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "equals": operator.eq,
    "one_of": lambda given, allowed: given in allowed,
    "not_one_of": lambda given, refused: given not in refused,
    "said": lambda given, _: True,
}


def defaults(
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
    return {path: leaf for path, leaf in leaves.items() if path not in stated}


def _whole_defaults(
    catalog: Catalog, resource_type: ResourceType, environment: str, stated: Mapping[str, Any]
) -> dict[str, tuple[Any, str]]:
    settings = catalog.platform.environments[environment].in_region(
        stated.get("region", default_region(catalog))
    )
    chosen: dict[str, tuple[Any, str]] = {}
    for name, parameter in resource_type.parameters.items():
        if parameter.setting and settings.get(parameter.setting) is not None:
            chosen[name] = (settings[parameter.setting], f"platform setting of {environment}")
        elif parameter.default is not None:
            chosen[name] = (parameter.default, f"default of {resource_type.name}")
    per_environment = resource_type.file.defaults.get(environment, {})
    chosen.update(
        {name: (value, f"default of {environment}") for name, value in per_environment.items()}
    )
    for conditional in resource_type.file.conditional_defaults:
        known = (
            {name: value for name, (value, _) in chosen.items()}
            | dict(stated)
            | {"environment": environment}
        )
        if condition_holds(conditional.when, known):
            condition = " and ".join(
                f"{name} {_written(known.get(name))}" for name in conditional.when
            )
            chosen.update(
                {
                    name: (value, f"default for {condition}")
                    for name, value in conditional.set.items()
                }
            )
    return chosen


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def default_region(catalog: Catalog) -> object:
    common = catalog.platform.parameters.get("region")
    return common.default if common else None


def _items(
    name: str, parameter: Parameter, default: Any, detail: str, stated: Mapping[str, Any]
) -> Leaves:
    fields: Mapping[str, FieldSpec] = parameter.items if isinstance(parameter.items, dict) else {}
    rows = list(default or [])
    count = max(
        len(rows),
        1 + max((_index(path) for path in stated if path.startswith(f"{name}[")), default=-1),
    )
    leaves: Leaves = {}
    for index in range(count):
        row = rows[index] if index < len(rows) else {}
        for field_name, field in fields.items():
            value = row.get(field_name, field.default)
            if value is not None:
                own = f"{name}[{index}].{field_name}"
                leaves[own] = (value, detail if field_name in row else f"default of {name}")
    return leaves


def _index(path: str) -> int:
    match = LEAF.match(path)
    return int(match["index"]) if match and match["index"] else -1


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
    item = path.partition(".")[0] + "."
    if "[" not in item:
        return values
    return {
        **values,
        **{general(other): value for other, value in values.items() if other.startswith(item)},
    }


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
            applies = general(path) == policy.parameter and condition_holds(
                policy.when, with_item_values(path, known)
            )
            if applies and value is not None and not keeps(policy, value):
                yield policy, path


def broken_lists(
    resource_type: ResourceType, values: Mapping[str, ParameterValue]
) -> Iterator[str]:
    """A sentence for each list with too many items, or with two of the same name."""
    for name, rows in assemble(resource_type, values).items():
        parameter = resource_type.parameters[name]
        if isinstance(rows, list):
            if len(rows) > parameter.max_items:
                yield f"{parameter.title}: {parameter.max_items} are allowed, not {len(rows)}."
            named = [row[parameter.unique_by] for row in rows if parameter.unique_by]
            yield from (
                f"{parameter.title}: {twice!r} stands twice."
                for twice in set(named) - {None}
                if named.count(twice) > 1
            )


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
    count = 1 + max((_index(path) for path in values if path.startswith(f"{name}[")), default=-1)
    return [
        {field: values.get(f"{name}[{index}].{field}") for field in fields}
        for index in range(count)
    ]

"""A resource type's parameters as JSON Schema (2020-12), for programs: types, bounds, choices, defaults.

What the schema language has no word for stands under `x-`: the unit, defaults that differ by environment, and that the
platform sets a value.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.format import FieldSpec, Parameter
from provisioning.catalog.settled import assemble, defaults

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def parameters_schema(catalog: Catalog, resource_type: ResourceType) -> Schema:
    found = per_environment(catalog, resource_type)
    properties = {
        name: _parameter(catalog, parameter)
        | _defaults({env: values[name] for env, values in found.items()})
        for name, parameter in resource_type.parameters.items()
    }
    schema: Schema = {
        "$schema": DIALECT,
        "title": resource_type.file.title,
        "description": resource_type.file.summary,
        "type": "object",
        "properties": properties,
        "required": [
            name for name, parameter in resource_type.parameters.items() if parameter.required
        ],
        "additionalProperties": False,
    }
    dependent = list(_dependent(catalog, resource_type))
    return schema | ({"allOf": dependent} if dependent else {})


def per_environment(catalog: Catalog, resource_type: ResourceType) -> dict[str, dict[str, Any]]:
    """Environment → parameter → what holds where nobody says anything; None where nothing does."""
    return {
        environment: assemble(
            resource_type,
            {
                path: leaf[0]
                for path, leaf in defaults(catalog, resource_type, environment, {}).items()
            },
        )
        for environment in catalog.environments
    }


def _defaults(found: Mapping[str, Any]) -> Schema:
    values = list(found.values())
    if all(value == values[0] for value in values):
        return {} if values[0] is None else {"default": values[0]}
    return {
        "x-defaults": {
            environment: value for environment, value in found.items() if value is not None
        }
    }


def _parameter(catalog: Catalog, parameter: Parameter) -> Schema:
    if parameter.type != "array":
        return _field(catalog, parameter)
    fields = parameter.items if isinstance(parameter.items, dict) else {}
    item: Schema = _text(parameter) if not fields else {
        "type": "object",
        "properties": {name: _field(catalog, field) | _own_default(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }  # fmt: skip
    return {**_named(parameter), "type": "array", "items": item, "maxItems": parameter.max_items}


def _own_default(field: FieldSpec) -> Schema:
    return {} if field.default is None else {"default": field.default}


def _field(catalog: Catalog, field: FieldSpec) -> Schema:
    listed = (
        catalog.allowed_values(field.allowed, {})
        if field.allowed and "{" not in field.allowed
        else None
    )
    bounds = {"minimum": field.minimum, "maximum": field.maximum, "multipleOf": field.multiple_of}
    return {
        **_named(field),
        **(_text(field) if field.type == "string" else {"type": field.type}),
        **({"enum": listed or field.enum} if listed or field.enum else {}),
        **{word: _whole(bound) for word, bound in bounds.items() if bound is not None},
    }


def _named(field: FieldSpec) -> Schema:
    words = {"title": field.title, "description": field.description, "x-unit": field.unit}
    return {word: text for word, text in words.items() if text} | (
        {"x-set-by-platform": True} if field.setting else {}
    )


def _text(field: FieldSpec) -> Schema:
    """A pattern holds for the whole text."""
    pattern = {"pattern": f"^(?:{field.pattern})$"} if field.pattern else {}
    return {
        "type": "string",
        "minLength": field.min_length,
        "maxLength": field.max_length,
        **pattern,
    }


def _whole(bound: float) -> float | int:
    return int(bound) if bound == int(bound) else bound


def _dependent(catalog: Catalog, resource_type: ResourceType) -> Iterator[Schema]:
    """If the engine is this, the version is one of these."""
    for path, field in resource_type.fields():
        list_name, _, parameter = field.allowed.partition(".{")
        node = _node(catalog, list_name) if parameter else {}
        for value, choices in node.items():
            if isinstance(choices, list):
                condition = {
                    "properties": {
                        parameter.rstrip("}"): {"const": _typed(resource_type, parameter, value)}
                    }
                }
                yield {
                    "if": condition | {"required": [parameter.rstrip("}")]},
                    "then": _at(path, {"enum": choices}),
                }


def _node(catalog: Catalog, name: str) -> Mapping[str, Any]:
    node: Any = catalog.allowed
    for step in name.split("."):
        node = node.get(step) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def _typed(resource_type: ResourceType, parameter: str, value: str) -> object:
    field = resource_type.field(parameter.rstrip("}"))
    return int(value) if field and field.type == "integer" else value


def _at(path: str, schema: Schema) -> Schema:
    name, bracket, inner = path.partition("[].")
    whole = {"items": {"properties": {inner: schema}}} if bracket else schema
    return {"properties": {name: whole}}

"""A resource type's parameters as JSON Schema (2020-12), for programs: types, bounds, choices, defaults.

What the schema language has no word for stands under `x-`: the unit, defaults that differ by environment, and that the
platform sets a value.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.defaults import assemble, default_values
from provisioning.catalog.format import FieldSpec, Parameter
from provisioning.catalog.paths import parse_path

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def parameters_schema(catalog: Catalog, resource_type: ResourceType) -> Schema:
    found = per_environment(catalog, resource_type)
    properties: Schema = {}
    required = []
    for name, parameter in resource_type.parameters.items():
        own_defaults = {environment: values[name] for environment, values in found.items()}
        properties[name] = {**_parameter(catalog, parameter), **_defaults(own_defaults)}
        if parameter.required:
            required.append(name)
    schema: Schema = {
        "$schema": DIALECT,
        "title": resource_type.file.title,
        "description": resource_type.file.summary,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
    dependent = list(_dependent(catalog, resource_type))
    if dependent:
        schema["allOf"] = dependent
    return schema


def per_environment(catalog: Catalog, resource_type: ResourceType) -> dict[str, dict[str, Any]]:
    """Environment → parameter → what holds where nobody says anything; None where nothing does."""
    found = {}
    for environment in catalog.environments:
        values = default_values(catalog, resource_type, environment)
        found[environment] = assemble(resource_type, values)
    return found


def _defaults(found: Mapping[str, Any]) -> Schema:
    first, *others = found.values()
    if all(value == first for value in others):
        return {} if first is None else {"default": first}
    # JSON Schema has room for one default only, so a program that knows no better takes none.
    known = {environment: value for environment, value in found.items() if value is not None}
    return {"x-defaults": known}


def _parameter(catalog: Catalog, parameter: Parameter) -> Schema:
    if parameter.type != "array":
        return _field(catalog, parameter)
    fields = parameter.items if isinstance(parameter.items, dict) else {}
    item = _item(catalog, fields) if fields else _text(parameter)
    return {**_named(parameter), "type": "array", "items": item, "maxItems": parameter.max_items}


def _item(catalog: Catalog, fields: Mapping[str, FieldSpec]) -> Schema:
    properties = {}
    required = []
    for name, field in fields.items():
        own_default = {} if field.default is None else {"default": field.default}
        properties[name] = {**_field(catalog, field), **own_default}
        if field.required:
            required.append(name)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _field(catalog: Catalog, field: FieldSpec) -> Schema:
    schema = _named(field)
    schema.update(_text(field) if field.type == "string" else {"type": field.type})
    # A list that depends on another parameter is not said here but in `allOf`.
    listed = catalog.allowed_values(field.allowed, {}) if field.allowed else None
    choices = listed or field.enum
    if choices:
        schema["enum"] = choices
    bounds = {"minimum": field.minimum, "maximum": field.maximum, "multipleOf": field.multiple_of}
    for word, bound in bounds.items():
        if bound is not None:
            schema[word] = _whole(bound)
    return schema


def _named(field: FieldSpec) -> Schema:
    words = {"title": field.title, "description": field.description, "x-unit": field.unit}
    schema: Schema = {word: text for word, text in words.items() if text}
    if field.setting:
        schema["x-set-by-platform"] = True
    return schema


def _text(field: FieldSpec) -> Schema:
    schema: Schema = {
        "type": "string",
        "minLength": field.min_length,
        "maxLength": field.max_length,
    }
    if field.pattern:
        # JSON Schema searches a pattern anywhere in the text; the catalog's holds for all of it.
        schema["pattern"] = f"^(?:{field.pattern})$"
    return schema


def _whole(bound: float) -> float | int:
    return int(bound) if bound == int(bound) else bound


def _dependent(catalog: Catalog, resource_type: ResourceType) -> Iterator[Schema]:
    """If the engine is this, the version is one of these."""
    for path, field in resource_type.fields():
        for one in catalog.allowed_lists(field.allowed):
            if one.when:
                yield {
                    "if": _condition(resource_type, one.when),
                    "then": _at(path, {"enum": one.values}),
                }


def _condition(resource_type: ResourceType, when: Mapping[str, str]) -> Schema:
    properties = {}
    for name, value in when.items():
        properties[name] = {"const": _typed(resource_type, name, value)}
    # Without `required` the condition would also hold where the parameter is left out.
    return {"properties": properties, "required": list(when)}


def _typed(resource_type: ResourceType, parameter: str, value: str) -> object:
    """Keys of JSON are texts, so a number among them has to become one again."""
    field = resource_type.field(parameter)
    return int(value) if field and field.type == "integer" else value


def _at(path: str, schema: Schema) -> Schema:
    place = parse_path(path)
    if place is None or not place.field:
        return {"properties": {path: schema}}
    in_item = {"items": {"properties": {place.field: schema}}}
    return {"properties": {place.parameter: in_item}}

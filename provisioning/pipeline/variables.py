"""`variables.tf` from `resource.toml`: one declaration per variable that the template uses, with the catalog's bounds."""

from collections.abc import Iterator, Mapping, Set

from provisioning.catalog.format import FieldSpec, Parameter
from provisioning.catalog.values import figure
from provisioning.hcl.literals import literal

_TYPES = {"string": "string", "integer": "number", "number": "number", "boolean": "bool"}
_ALWAYS = {
    "name": ("Name of the resource in AWS.", "string"),
    "tags": ("Tags that every resource of this module carries.", "map(string)"),
}


def variables_tf(parameters: Mapping[str, Parameter], used: Set[str]) -> str:
    blocks = [
        _block(name, description, kind, [])
        for name, (description, kind) in _ALWAYS.items()
        if name in used
    ]
    blocks += [
        _parameter(name, parameter) for name, parameter in parameters.items() if name in used
    ]
    return "\n".join(blocks)


def _parameter(name: str, parameter: Parameter) -> str:
    if isinstance(parameter.items, dict):
        return _block(name, _description(parameter), _object(parameter.items), [])
    if parameter.type == "array" or parameter.multiline:
        return _block(name, _description(parameter), "list(string)", [])
    return _block(
        name,
        _description(parameter),
        _TYPES[parameter.type],
        list(_conditions(f"var.{name}", parameter)),
    )


def _block(name: str, description: str, kind: str, conditions: list[tuple[str, str]]) -> str:
    equals = "type        =" if "\n" not in kind else "type ="
    head = f'variable "{name}" {{\n  description = {literal(description)}\n  {equals} {kind}\n'
    return head + "".join(_validation(*condition) for condition in conditions) + "}\n"


def _validation(condition: str, message: str) -> str:
    return f"\n  validation {{\n    condition     = {condition}\n    error_message = {literal(message)}\n  }}\n"


def _object(fields: Mapping[str, FieldSpec]) -> str:
    width = max(map(len, fields))
    lines = "".join(
        f"    {name.ljust(width)} = {_TYPES[field.type]}\n" for name, field in fields.items()
    )
    return f"list(object({{\n{lines}  }}))"


def _description(parameter: Parameter) -> str:
    unit = f" ({parameter.unit})" if parameter.unit else ""
    return f"{parameter.description or parameter.title}{unit}"


def _conditions(name: str, field: FieldSpec) -> Iterator[tuple[str, str]]:
    """Null stays allowed: it means that the parameter has no value. `||` would look at both sides, so it is a choice
    (https://developer.hashicorp.com/terraform/language/expressions/operators)."""
    absent = f"{name} == null ? true :"
    if field.enum:
        yield f"{absent} contains({literal(field.enum)}, {name})", f"Allowed: {_listed(field)}."
    if field.minimum is not None:
        yield (
            f"{absent} {name} >= {figure(field.minimum)}",
            f"{field.title} must be at least {figure(field.minimum)}.",
        )
    if field.maximum is not None:
        yield (
            f"{absent} {name} <= {figure(field.maximum)}",
            f"{field.title} can be at most {figure(field.maximum)}.",
        )


def _listed(field: FieldSpec) -> str:
    return ", ".join(str(choice) for choice in field.enum)

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
    blocks = []
    for name, (description, kind) in _ALWAYS.items():
        if name in used:
            blocks.append(_block(name, description, kind, []))
    for name, parameter in parameters.items():
        if name in used:
            blocks.append(_parameter(name, parameter))
    return "\n".join(blocks)


def _parameter(name: str, parameter: Parameter) -> str:
    description = _description(parameter)
    if isinstance(parameter.items, dict):
        return _block(name, description, _object(parameter.items), [])
    # A text of several lines is written as its lines, see `render`.
    if parameter.type == "array" or parameter.multiline:
        return _block(name, description, "list(string)", [])
    conditions = list(_conditions(f"var.{name}", parameter))
    return _block(name, description, _TYPES[parameter.type], conditions)


def _block(name: str, description: str, kind: str, conditions: list[tuple[str, str]]) -> str:
    # `terraform fmt` aligns the equals signs of neighboring lines, but not with a value of several lines.
    equals = "type ="
    if "\n" not in kind:
        equals = "type        ="
    lines = [
        f'variable "{name}" {{',
        f"  description = {literal(description)}",
        f"  {equals} {kind}",
    ]
    for condition, message in conditions:
        lines += [
            "",
            "  validation {",
            f"    condition     = {condition}",
            f"    error_message = {literal(message)}",
            "  }",
        ]
    return "\n".join([*lines, "}", ""])


def _object(fields: Mapping[str, FieldSpec]) -> str:
    width = max(map(len, fields))
    lines = ["list(object({"]
    for name, field in fields.items():
        lines.append(f"    {name.ljust(width)} = {_TYPES[field.type]}")
    lines.append("  }))")
    return "\n".join(lines)


def _description(parameter: Parameter) -> str:
    unit = f" ({parameter.unit})" if parameter.unit else ""
    return f"{parameter.description or parameter.title}{unit}"


def _conditions(name: str, field: FieldSpec) -> Iterator[tuple[str, str]]:
    """Null stays allowed: it means that the parameter has no value. `||` would look at both sides, so it is a choice
    (https://developer.hashicorp.com/terraform/language/expressions/operators)."""
    absent = f"{name} == null ? true :"
    if field.enum:
        condition = f"{absent} contains({literal(field.enum)}, {name})"
        yield condition, f"Allowed: {_listed(field)}."
    if field.minimum is not None:
        least = figure(field.minimum)
        yield f"{absent} {name} >= {least}", f"{field.title} must be at least {least}."
    if field.maximum is not None:
        most = figure(field.maximum)
        yield f"{absent} {name} <= {most}", f"{field.title} can be at most {most}."


def _listed(field: FieldSpec) -> str:
    return ", ".join(str(choice) for choice in field.enum)

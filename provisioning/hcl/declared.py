"""The variables that `variables.tf` declares, and whether a value is of a variable's type."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from provisioning.hcl.reader import parse
from provisioning.hcl.tree import Block, HclSyntaxError

_PLAIN: Mapping[str, tuple[type, ...]] = {"string": (str,), "number": (int, float), "bool": (bool,)}
_KINDS = {"string": "a text", "number": "a number", "bool": "true or false"}


@dataclass(frozen=True, slots=True)
class Type:
    """`kind` is Terraform's word; `inner` the element's type, `fields` those of an object."""

    kind: str
    inner: "Type | None" = None
    fields: "tuple[tuple[str, Type], ...]" = ()


@dataclass(frozen=True, slots=True)
class Validation:
    condition: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    type: Type
    has_default: bool
    validations: tuple[Validation, ...]


@lru_cache(maxsize=512)
def parse_variables(variables_tf: str) -> Mapping[str, Variable]:
    """Cached by the text. Raises `HclSyntaxError`."""
    return {block.labels[0]: _variable(block) for block in parse(variables_tf).blocks("variable")}


def _variable(block: Block) -> Variable:
    words = [word for word in block.attribute("type") or ("any",) if word != "\n"]
    try:
        of_type = _type(words)
    except IndexError as error:
        raise HclSyntaxError(f"{block} has a type that does not end") from error
    validations = [_validation(inner) for inner in block.blocks("validation")]
    has_default = block.attribute("default") is not None
    return Variable(block.labels[0], of_type, has_default, tuple(validations))


def _validation(block: Block) -> Validation:
    condition = block.attribute("condition") or ()
    message = " ".join(block.attribute("error_message") or ())
    return Validation(condition, message.strip('"'))


def _type(words: list[str]) -> Type:
    """Takes its words off the list's front. https://developer.hashicorp.com/terraform/language/expressions/type-constraints"""
    kind = words.pop(0)
    if kind in {"string", "number", "bool", "any"}:
        return Type(kind)
    if kind not in {"list", "set", "map", "object"} or words[:1] != ["("]:
        raise HclSyntaxError(f"{kind!r} is no type of a variable that the portal writes")
    words.pop(0)  # the opening parenthesis
    fields = _fields(words) if kind == "object" else ()
    inner = None if kind == "object" else _type(words)
    words.pop(0)  # the closing one
    return Type(kind, inner, fields)


def _fields(words: list[str]) -> tuple[tuple[str, Type], ...]:
    fields = []
    words.pop(0)  # the opening brace
    while words and words[0] != "}":
        name = words.pop(0)
        words.pop(0)  # the equals sign
        fields.append((name, _type(words)))
        # A line break parts fields as well as a comma, and was taken out before.
        if words[:1] == [","]:
            words.pop(0)
    words.pop(0)
    return tuple(fields)


def type_error(where: str, wanted: Type, value: Any) -> str:
    """Why the value is not of the type, or "". Null is of every type; nothing is converted, though Terraform would."""
    if value is None or wanted.kind == "any":
        return ""
    if wanted.kind in _PLAIN:
        return _plain_error(where, wanted.kind, value)
    if wanted.kind == "object":
        return _object_error(where, dict(wanted.fields), value)
    return _collection_error(where, wanted, value)


def _plain_error(where: str, kind: str, value: Any) -> str:
    fits = isinstance(value, _PLAIN[kind])
    # Python's booleans are integers as well.
    if isinstance(value, bool) and kind != "bool":
        fits = False
    return "" if fits else f"{where} must be {_KINDS[kind]}, not {value!r:.60}"


def _object_error(where: str, fields: Mapping[str, Type], value: Any) -> str:
    if not isinstance(value, dict) or value.keys() != fields.keys():
        return f"{where} must have exactly the fields {', '.join(fields)}"
    for name, item in value.items():
        error = type_error(f"{where}.{name}", fields[name], item)
        if error:
            return error
    return ""


def _collection_error(where: str, wanted: Type, value: Any) -> str:
    inner = wanted.inner or Type("any")
    if not isinstance(value, dict if wanted.kind == "map" else list):
        return f"{where} must be a {wanted.kind}, not {value!r:.60}"
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        error = type_error(f"{where}[{key!r}]", inner, item)
        if error:
            return error
    return ""

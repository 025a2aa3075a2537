"""Terraform literals. A template prints only through `| hcl`, which writes whole literals, never pieces of one."""

import re
from collections.abc import Mapping, Sequence


class Literal(str):
    """Text that is already a whole Terraform literal."""

    __slots__ = ()


class UnfilteredOutputError(TypeError):
    """A template tried to print a value without `| hcl`."""


def literal(value: object) -> Literal:
    """Strings, numbers, booleans, null, lists and maps of them as one line of HCL. Anything else is a `TypeError`."""
    if value is None or isinstance(value, bool):
        return Literal({None: "null", True: "true", False: "false"}[value])
    if isinstance(value, int | float):
        return Literal(repr(value))
    if isinstance(value, str):
        return Literal(_quoted(value))
    if isinstance(value, Mapping):
        return Literal(
            "{"
            + "".join(f" {_quoted(str(key))} = {literal(item)}," for key, item in value.items())
            + " }"
        )
    if isinstance(value, Sequence):
        return Literal("[" + ", ".join(literal(item) for item in value) + "]")
    raise TypeError(f"{type(value).__name__} has no Terraform literal")


def only_literals(value: object) -> object:
    """Jinja's `finalize`: printing anything that did not go through `| hcl` is a mistake of the template."""
    if isinstance(value, Literal):
        return value
    raise UnfilteredOutputError(f"{value!r} is printed without the hcl filter")


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _quoted(text: str) -> str:
    """https://developer.hashicorp.com/terraform/language/expressions/strings: `${` and `%{` are doubled, not backslashed."""
    escaped = "".join(_ESCAPES.get(character, character) for character in text)
    escaped = re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match[0]):04x}", escaped)
    return '"' + escaped.replace("${", "$${").replace("%{", "%%{") + '"'

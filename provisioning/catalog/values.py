"""From what somebody wrote to a value that the catalog allows, or a sentence that says what is allowed."""

import difflib
import ipaddress
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from provisioning.catalog.format import FieldSpec
from provisioning.catalog.types import Catalog
from provisioning.domain import ParameterValue
from provisioning.domain.invisible import hidden_kind
from provisioning.errors import InvalidInputError

TRUE, FALSE = {"true", "yes", "on", "enabled", "1"}, {"false", "no", "off", "disabled", "0", "none"}


def coerce(
    catalog: Catalog,
    path: str,
    field: FieldSpec,
    raw: object,
    others: Mapping[str, Any] | None = None,
) -> ParameterValue:
    """The value in the catalog's type and within its bounds; `others` are the resource's other parameters, which a list of
    allowed values may depend on. Raises `InvalidInputError` naming `path`, the bound and the nearest allowed value."""
    value = _typed(path, field, raw)
    if isinstance(value, tuple):
        for item in value:
            _check_text(path, field, item)
        return value
    _check_bounds(path, field, value)
    if isinstance(value, str):
        _check_text(path, field, value)
    choices = choices_of(catalog, field, others or {})
    if choices is not None and value not in choices:
        reason = waiting_reason(catalog, field, value) or f"{_title(field)} cannot be {value!r}."
        raise InvalidInputError(path, f"{reason} {_nearest(value, choices)}")
    return value


def waiting_reason(catalog: Catalog, field: FieldSpec, value: object) -> str:
    """A sentence for what AWS offers and the certified provider does not know yet, or ""."""
    until = catalog.waiting(field.allowed, value)
    return (
        f"{_title(field)} {value} is offered by AWS and waits here until {until}." if until else ""
    )


def choices_of(
    catalog: Catalog, field: FieldSpec, others: Mapping[str, Any]
) -> Sequence[Any] | None:
    if field.enum:
        return field.enum
    return catalog.allowed_values(field.allowed, others) if field.allowed else None


def _typed(path: str, field: FieldSpec, raw: object) -> ParameterValue:
    convert = {
        "boolean": _boolean,
        "integer": _integer,
        "number": _number,
        "string": _string,
        "array": _strings,
    }
    value = convert[field.type](raw)
    if value is None:
        raise InvalidInputError(
            path, f"{_title(field)} must be {_KINDS[field.type]}, not {str(raw)[:60]!r}."
        )
    return value


_KINDS = {
    "boolean": "yes or no", "integer": "a whole number", "number": "a number", "string": "text", "array": "a list of texts",
}  # fmt: skip


def _boolean(raw: object) -> bool | None:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    return True if word in TRUE else False if word in FALSE else None


def _integer(raw: object) -> int | None:
    number = _number(raw)
    return int(number) if number is not None and number == int(number) else None


def _number(raw: object) -> float | int | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    if isinstance(raw, str):
        text = raw.strip().replace("_", "")
        if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,6})?", text):
            return None
        return float(text) if "." in text else int(text)
    return raw if abs(raw) < 10**15 else None


def _string(raw: object) -> str | None:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    return str(raw).strip()


def _strings(raw: object) -> tuple[str, ...] | None:
    if isinstance(raw, str):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if isinstance(raw, Sequence) and all(isinstance(item, str) for item in raw):
        return tuple(raw)
    return None


def _check_bounds(path: str, field: FieldSpec, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    unit = f" {field.unit}" if field.unit else ""
    if field.minimum is not None and value < field.minimum:
        raise InvalidInputError(
            path,
            f"{_title(field)} must be at least {figure(field.minimum)}{unit}; {figure(value)} is too small.",
        )
    if field.maximum is not None and value > field.maximum:
        raise InvalidInputError(
            path,
            f"{_title(field)} can be at most {figure(field.maximum)}{unit}; {figure(value)} is too large.",
        )
    if field.multiple_of and value % field.multiple_of:
        nearest = max(field.multiple_of, round(value / field.multiple_of) * field.multiple_of)
        raise InvalidInputError(
            path,
            f"{_title(field)} must be a multiple of {field.multiple_of}; the nearest is {nearest}.",
        )


def _check_text(path: str, field: FieldSpec, value: str) -> None:
    check_visible(path, _title(field), _without_line_breaks(field, value))
    limit = field.max_length
    if field.multiline and len(value.encode()) > limit:
        raise InvalidInputError(
            path, f"{_title(field)} can have {limit} bytes at most; it has {len(value.encode())}."
        )
    if len(value) > limit or len(value) < field.min_length:
        raise InvalidInputError(
            path,
            f"{_title(field)} must have {field.min_length} to {limit} characters; it has {len(value)}.",
        )
    if field.format == "ipv4_network":
        _check_network(path, field, value)
    if field.pattern and not re.fullmatch(field.pattern, value):
        hint = field.pattern_hint or f"it must match {field.pattern}"
        raise InvalidInputError(path, f"{_title(field)} cannot be {value[:60]!r}: {hint}.")


def _without_line_breaks(field: FieldSpec, value: str) -> str:
    return value.replace("\n", "") if field.multiline else value


def _check_network(path: str, field: FieldSpec, value: str) -> None:
    try:
        nearest = ipaddress.IPv4Network(value, strict=False)
    except ValueError as error:
        raise InvalidInputError(
            path, f"{_title(field)} must be a network such as 10.0.0.0/16, not {value[:60]!r}."
        ) from error
    if str(nearest) != value:
        raise InvalidInputError(
            path, f"{_title(field)} cannot be {value!r}; the network that holds it is {nearest}."
        )


def figure(number: float) -> str:
    """1209600 as "1209600", never "1.2096e+06"."""
    return str(int(number)) if number == int(number) else repr(number)


def check_visible(path: str, title: str, value: str) -> None:
    """Refuses what a reader would not see or Terraform would silently change (it normalizes to NFC)."""
    for character in value:
        if hidden_kind(character):
            raise InvalidInputError(
                path, f"{title} holds the invisible character U+{ord(character):04X}; leave it out."
            )
    if unicodedata.normalize("NFC", value) != value:
        raise InvalidInputError(
            path,
            f"{title} holds characters that Terraform would change; write it in composed (NFC) form.",
        )


def _nearest(value: object, choices: Sequence[Any]) -> str:
    if len(choices) <= 12:
        return f"Allowed: {', '.join(_word(choice) for choice in choices)}."
    close = difflib.get_close_matches(
        str(value), [str(choice) for choice in choices], n=3, cutoff=0.5
    )
    return f"Nearest allowed: {', '.join(close or [_word(choice) for choice in choices[:3]])}."


def _word(choice: object) -> str:
    return {True: "yes", False: "no"}[choice] if isinstance(choice, bool) else str(choice)


def _title(field: FieldSpec) -> str:
    return field.title

"""From what somebody wrote to a value that the catalog allows, or a sentence that says what is allowed."""

import difflib
import ipaddress
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from provisioning.catalog.format import FieldSpec
from provisioning.catalog.types import Catalog
from provisioning.domain import ParameterValue
from provisioning.domain.invisible import hidden_kind
from provisioning.errors import InvalidInputError

TRUE = {"true", "yes", "on", "enabled", "1"}
FALSE = {"false", "no", "off", "disabled", "0", "none"}
# More would be no message but a page: instance types have hundreds.
MOST_LISTED = 12
# Within it a float holds every whole number exactly (2**53 is about 9 * 10**15).
LARGEST = 10**15
_NUMERAL = re.compile(r"[+-]?\d{1,15}(\.\d{1,6})?")


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
        # What AWS has and the certified provider has not yet is no mistake of who asks.
        reason = waiting_reason(catalog, field, value) or f"{field.title} cannot be {value!r}."
        raise InvalidInputError(path, f"{reason} {_nearest(value, choices)}")
    return value


def waiting_reason(catalog: Catalog, field: FieldSpec, value: object) -> str:
    """A sentence for what AWS offers and the certified provider does not know yet, or ""."""
    until = catalog.waiting(field.allowed, value)
    if not until:
        return ""
    return f"{field.title} {value} is offered by AWS and waits here until {until}."


def choices_of(
    catalog: Catalog, field: FieldSpec, others: Mapping[str, Any]
) -> Sequence[Any] | None:
    if field.enum:
        return field.enum
    return catalog.allowed_values(field.allowed, others) if field.allowed else None


def _typed(path: str, field: FieldSpec, raw: object) -> ParameterValue:
    convert, kind = _KINDS[field.type]
    value = convert(raw)
    if value is None:
        # 60 characters show what it was; a message is no place for a whole hostile text.
        given = repr(str(raw)[:60])
        raise InvalidInputError(path, f"{field.title} must be {kind}, not {given}.")
    return value


def _boolean(raw: object) -> bool | None:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in TRUE:
        return True
    return False if word in FALSE else None


def _integer(raw: object) -> int | None:
    number = _number(raw)
    return int(number) if number is not None and number == int(number) else None


def _number(raw: object) -> float | int | None:
    # Python's booleans are integers; `true` is no number to anybody else.
    if isinstance(raw, bool):
        return None
    if isinstance(raw, str):
        text = raw.strip().replace("_", "")
        if not _NUMERAL.fullmatch(text):
            return None
        return float(text) if "." in text else int(text)
    if isinstance(raw, int | float) and abs(raw) < LARGEST:
        return raw
    return None


def _string(raw: object) -> str | None:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    return str(raw).strip()


def _strings(raw: object) -> tuple[str, ...] | None:
    if isinstance(raw, str):
        parts = map(str.strip, raw.split(","))
        return tuple(part for part in parts if part)
    if isinstance(raw, Sequence) and all(isinstance(item, str) for item in raw):
        return tuple(raw)
    return None


# By the format's type: how it is read, and what it is called to who wrote something else.
_KINDS: Mapping[str, tuple[Callable[[object], ParameterValue], str]] = {
    "boolean": (_boolean, "yes or no"),
    "integer": (_integer, "a whole number"),
    "number": (_number, "a number"),
    "string": (_string, "text"),
    "array": (_strings, "a list of texts"),
}


def _check_bounds(path: str, field: FieldSpec, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    given = figure(value)
    if field.minimum is not None and value < field.minimum:
        least = _with_unit(field, field.minimum)
        raise InvalidInputError(
            path, f"{field.title} must be at least {least}; {given} is too small."
        )
    if field.maximum is not None and value > field.maximum:
        most = _with_unit(field, field.maximum)
        raise InvalidInputError(path, f"{field.title} can be at most {most}; {given} is too large.")
    step = field.multiple_of
    if step and value % step:
        # Zero is a multiple of everything and means something else where it is allowed.
        nearest = max(step, round(value / step) * step)
        raise InvalidInputError(
            path, f"{field.title} must be a multiple of {step}; the nearest is {nearest}."
        )


def _with_unit(field: FieldSpec, bound: float) -> str:
    return f"{figure(bound)} {field.unit}" if field.unit else figure(bound)


def _check_text(path: str, field: FieldSpec, value: str) -> None:
    check_visible(path, field.title, _without_line_breaks(field, value))
    _check_length(path, field, value)
    if field.format == "ipv4_network":
        _check_network(path, field, value)
    if field.pattern and not re.fullmatch(field.pattern, value):
        hint = field.pattern_hint or f"it must match {field.pattern}"
        raise InvalidInputError(path, f"{field.title} cannot be {value[:60]!r}: {hint}.")


def _check_length(path: str, field: FieldSpec, value: str) -> None:
    low, high = field.min_length, field.max_length
    # AWS bounds scripts in bytes, and a letter may have four of them.
    size = len(value.encode())
    if field.multiline and size > high:
        raise InvalidInputError(
            path, f"{field.title} can have {high} bytes at most; it has {size}."
        )
    if not low <= len(value) <= high:
        raise InvalidInputError(
            path, f"{field.title} must have {low} to {high} characters; it has {len(value)}."
        )


def _without_line_breaks(field: FieldSpec, value: str) -> str:
    return value.replace("\n", "") if field.multiline else value


def _check_network(path: str, field: FieldSpec, value: str) -> None:
    try:
        nearest = ipaddress.IPv4Network(value, strict=False)
    except ValueError as error:
        example = "a network such as 10.0.0.0/16"
        raise InvalidInputError(
            path, f"{field.title} must be {example}, not {value[:60]!r}."
        ) from error
    if str(nearest) != value:
        raise InvalidInputError(
            path, f"{field.title} cannot be {value!r}; the network that holds it is {nearest}."
        )


def figure(number: float) -> str:
    """1209600 as "1209600", never "1.2096e+06"."""
    return str(int(number)) if number == int(number) else repr(number)


def check_visible(path: str, title: str, value: str) -> None:
    """Raises `InvalidInputError` for what a reader would not see or Terraform would silently change
    (it normalizes to NFC)."""
    for character in value:
        if hidden_kind(character):
            sign = f"U+{ord(character):04X}"
            raise InvalidInputError(
                path, f"{title} holds the invisible character {sign}; leave it out."
            )
    if unicodedata.normalize("NFC", value) != value:
        reason = "holds characters that Terraform would change; write it in composed (NFC) form."
        raise InvalidInputError(path, f"{title} {reason}")


def _nearest(value: object, choices: Sequence[Any]) -> str:
    spelled = [_word(choice) for choice in choices]
    if len(choices) <= MOST_LISTED:
        return f"Allowed: {', '.join(spelled)}."
    texts = [str(choice) for choice in choices]
    # Below one half difflib finds a likeness between any two names of instance types.
    close = difflib.get_close_matches(str(value), texts, n=3, cutoff=0.5)
    return f"Nearest allowed: {', '.join(close or spelled[:3])}."


def _word(choice: object) -> str:
    if isinstance(choice, bool):
        return "yes" if choice else "no"
    return str(choice)

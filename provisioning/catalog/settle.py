"""From what somebody says to a value that the catalog allows, whoever says it: a person's answer, a field, a model, a rule."""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from provisioning.catalog.format import FieldSpec, Parameter
from provisioning.catalog.plain import keys_of, words_of
from provisioning.catalog.quantities import quantities, vocabulary_of
from provisioning.catalog.spellings import (
    environment_spellings,
    longest,
    place_of,
    spellings_of,
    type_spellings,
)
from provisioning.catalog.types import Catalog
from provisioning.catalog.values import FALSE, TRUE, choices_of, coerce
from provisioning.domain import ParameterValue
from provisioning.errors import InvalidInputError

# Of all languages that people write in; a model likes to keep them around a value.
QUOTES = " \t\r\n\"'`“”„«»\u2018\u2019"
PAIRS = ('""', "''", "``", "“”", "„“", "«»", "\u2018\u2019")
_BETWEEN_ITEMS = re.compile(r"\s*(?:[,;\n]|\band\b)\s*")


def settle(
    catalog: Catalog,
    path: str,
    field: FieldSpec,
    said: object,
    others: Mapping[str, Any] | None = None,
) -> ParameterValue:
    """The value that `said` means, by the catalog's spellings and units ("PostgreSQL", "200 GB", "six months", "t4g.medium").
    A settled value settles to itself. Raises `InvalidInputError` as `coerce` does."""
    meant = _meant(catalog, field, said, others or {}) if isinstance(said, str) else said
    return coerce(catalog, path, field, meant, others)


def settle_environment(catalog: Catalog, name: str, said: str) -> str:
    """ "the production environment" → "prod". Raises `InvalidInputError` for the field `name`."""
    found = _named(said, environment_spellings(catalog))
    if found is None:
        raise _unknown(name, said, "an environment", catalog.environments)
    return found


def settle_type(catalog: Catalog, name: str, said: str) -> str:
    """ "SQS queue" → "sqs". Raises `InvalidInputError` for the field `name`."""
    found = _named(said, type_spellings(catalog))
    if found is None:
        raise _unknown(name, said, "a resource type", catalog.types)
    return found


def _unknown(name: str, said: str, kind: str, known: Iterable[str]) -> InvalidInputError:
    given = repr(said.strip()[:40])
    return InvalidInputError(name, f"{given} is not {kind}. Allowed: {', '.join(known)}.")


def _named(said: str, spelled: Mapping[str, list[str]]) -> str | None:
    keys = words_of(said).keys
    for name, spellings in spelled.items():
        if any(keys_of(spelling) == keys for spelling in spellings):
            return name
    found = longest(keys, spelled)
    return found[0] if found else None


def _meant(catalog: Catalog, field: FieldSpec, said: str, others: Mapping[str, Any]) -> object:
    choices = choices_of(catalog, field, others) or ()
    if said in choices:
        return said  # exactly a choice, whatever else its words may spell ("java8.al2")
    said = said.strip(QUOTES) if choices or field.type != "string" else _unquoted(said)
    if isinstance(field, Parameter) and field.type == "array":
        return _items(said)
    if field.type == "boolean":
        return _boolean(field, said)
    # Before numbers: "small" may be a choice of a number, and "2 vCPU" a spelling of one.
    if field.enum or field.values:
        choice = _choice(field, said)
        if choice is not None:
            return choice
    if field.type in {"integer", "number"}:
        return _number(catalog, field, said)
    return _listed(said, choices)


def _items(said: str) -> list[str]:
    parts = (part.strip(QUOTES) for part in _BETWEEN_ITEMS.split(said))
    return [part for part in parts if part]


def _unquoted(said: str) -> str:
    """Without the quotes around it; a quote at one end alone is part of what is said."""
    said = said.strip()
    while len(said) > 1 and said[0] + said[-1] in PAIRS:
        said = said[1:-1].strip()
    return said


def _boolean(field: FieldSpec, said: str) -> object:
    if said.lower() in TRUE | FALSE:
        return said
    found = longest(words_of(said).keys, field.values)
    return found[0] if found else said


def _choice(field: FieldSpec, said: str) -> object | None:
    """None where the words are no choice, or two."""
    exact = [choice for choice in field.enum if str(choice).casefold() == said.casefold()]
    if exact:
        return exact[0]
    found = longest(words_of(said).keys, spellings_of(field))
    if found is None or _names_another(field, said, found):
        return None
    return next((choice for choice in field.enum if str(choice) == found[0]), found[0])


def _names_another(field: FieldSpec, said: str, found: tuple[str, tuple[int, int]]) -> bool:
    """ "PostgreSQL or MySQL" is no choice; "0.25 vCPU" is one, though 25 may be another."""
    choice, (first, last) = found
    keys = words_of(said).keys
    rest = [*keys[:first], "", *keys[last:]]
    others = {other: words for other, words in spellings_of(field).items() if other != choice}
    return longest(rest, others) is not None


def _number(catalog: Catalog, field: FieldSpec, said: str) -> object:
    """As it stands where it is a plain number, or nothing that can be read."""
    if re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,6})?", said):
        return said
    found = quantities(words_of(said).keys, vocabulary_of(catalog.folders, catalog.digest))
    # Two numbers are no value, and a minus before a unit is a mistake that the bounds name best.
    if len(found) != 1 or said.startswith("-"):
        return said
    readings = list(found[0].in_unit_of(field))
    for value in readings:
        if _is_within(field, value):
            return value
    return readings[0] if readings else said


def _is_within(field: FieldSpec, value: float) -> bool:
    """ "1.000 GB" is a thousand where one would be too small."""
    least = -math.inf if field.minimum is None else field.minimum
    most = math.inf if field.maximum is None else field.maximum
    return least <= value <= most


def _listed(said: str, choices: Sequence[Any]) -> object:
    """The one allowed value that is said but for its prefix, its suffix or blanks: "t4g.medium", "python 3.12"."""
    keys = words_of(said).keys
    together = "".join(keys)
    # From the strictest to the loosest: a looser test may find two where a stricter one finds the right one.
    tests: tuple[Callable[[Any], bool], ...] = (
        lambda one: str(one) == said,
        lambda one: "".join(keys_of(str(one))) == together,
        lambda one: f".{said.casefold()}." in f".{one}.".casefold(),
        lambda one: place_of(keys, str(one)) is not None,
    )
    for test in tests:
        found = [one for one in choices if test(one)]
        if len(found) == 1:
            return found[0]
    return said


def refused_as(field: FieldSpec, said: object) -> str:
    """The value that the catalog names only to refuse it ("Oracle" → "oracle"); "" for any other."""
    if not isinstance(said, str):
        return ""
    keys = words_of(said).keys
    for refused, spellings in field.refused.items():
        if any(keys_of(spelling) == keys for spelling in [refused, *spellings]):
            return refused
    return ""

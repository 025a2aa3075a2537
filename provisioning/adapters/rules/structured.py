"""Pairs of a key and a value, as forms, YAML, JSON, HCL and tables have them: a key names its parameter as it stands.

No library of those languages reads a requester's text: there is nothing to expand, and a line that is no pair is prose.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from provisioning.adapters.rules.amounts import Amount
from provisioning.adapters.rules.literals import spelled_value
from provisioning.adapters.rules.page import NUMERIC, Claim, Page
from provisioning.adapters.rules.tokens import key, number
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.language import Unit
from provisioning.domain import ParameterValue

_LINE = re.compile(r"[^\n;]+")
_PAIR = re.compile(
    r"[ \t]*(?:[-*+][ \t]+)?(?P<key>[A-Za-z][\w .-]{0,40}?)\??[ \t]*[:=][ \t]*(?P<value>\S[^\n]{0,200}?)[ \t,]*"
)
_WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_NUMBER = re.compile(r"(\d+(?:[.,]\d+)*)[ \t]*([A-Za-z%]*)")
_FIRST = re.compile(r"[^\s(),\"']+")
_ASIDE = re.compile(r"[ \t]*(?:\([^()]*\)|#.*)$")


class Pair(NamedTuple):
    words: tuple[str, ...]
    start: int
    value: str
    end: int


def pairs(text: str) -> Iterator[Pair]:
    for line in _LINE.finditer(text):
        match = _PAIR.fullmatch(line.group())
        if match:
            words = tuple(key(word) for word in _WORDS.findall(match["key"]))
            words = words[2:] if words[:2] == ("how", "many") else words
            value = _ASIDE.sub("", match["value"])
            start = line.start() + match.start("value")
            yield Pair(words, line.start() + match.start("key"), value, start + len(value))


def structured(page: Page) -> Iterator[Claim]:
    """One claim for each pair whose key is a parameter of a wanted type and whose value it takes."""
    keys = {name: _keys_of(page, name) for name in page.wanted.types}
    for pair in pairs(page.plain):
        found = {}
        for name, paths in keys.items():
            value = _first_taken(page, name, pair, paths)
            if value is not None:
                found[name] = value
        first = _FIRST.search(pair.value)
        end = pair.end - len(pair.value) + first.end() if first else pair.end
        span = page.atoms_between(pair.start, end)
        for owner in page.owners(set(found), *span)[:1] if found and span else ():
            yield page.claim(owner, *found[owner], span)  # type: ignore[arg-type]


def _keys_of(page: Page, type_name: str) -> Mapping[str, list[str]]:
    """All that a key may be written as, without blanks and signs, and the paths that it may mean."""
    if type_name not in page.vocabulary.keys:
        paths: dict[str, list[str]] = {}
        naming = page.vocabulary.language.roles["naming"]
        for path, field in page.fields_of(type_name):
            for phrase in [path.rpartition(".")[2], field.title, *field.synonyms]:
                words = [key(word) for word in _WORDS.findall(phrase)]
                for written in ("".join(words), "".join(_without_unit(page, words)[0])):
                    # "name: orders" names the thing itself, never an item of its lists.
                    if written not in naming and path not in paths.setdefault(written, []):
                        paths[written].append(path)
        page.vocabulary.keys[type_name] = paths
    return page.vocabulary.keys[type_name]


def _without_unit(page: Page, words: Sequence[str]) -> tuple[Sequence[str], tuple[Unit, ...]]:
    """ "storage_gb", "retention_days"."""
    units = page.vocabulary.units.longest(words, len(words) - 1)[1] if len(words) > 1 else []
    return (words[:-1], tuple(units)) if units else (words, ())


def _first_taken(
    page: Page, owner: str, pair: Pair, paths: Mapping[str, list[str]]
) -> tuple[str, ParameterValue] | None:
    bare, units = _without_unit(page, pair.words)
    candidates = dict.fromkeys([*paths.get("".join(pair.words), []), *paths.get("".join(bare), [])])
    for path in candidates:
        field = page.vocabulary.catalog.types[owner].field(path)
        value = _value(page, owner, path, pair.value, units) if field else None
        if value is not None:
            return path, value
    return None


def _value(
    page: Page, owner: str, path: str, written: str, units: tuple[Unit, ...]
) -> ParameterValue | None:
    field = page.vocabulary.catalog.types[owner].field(path)
    if field is None or field.setting:
        return None
    if field.type in NUMERIC:
        return _amount(page, field, written, units)
    if field.type == "boolean":
        return page.vocabulary.language.switches.get(written.strip("\"'").casefold())
    match = _FIRST.search(written)
    return spelled_value(page, owner, path, match.group()) if match else None


def _amount(
    page: Page, field: FieldSpec, written: str, units: tuple[Unit, ...]
) -> ParameterValue | None:
    match = _NUMBER.fullmatch(written.strip("\"'"))
    value = number(match[1]) if match else None
    if match is None or value is None:
        return None
    own = tuple(page.vocabulary.units.longest([key(match[2])], 0)[1]) if match[2] else units
    if match[2] and not own:
        return None
    return Amount(0, 1, 1, value, written, own).in_unit_of(field, value)

"""Values behind the name of their parameter: "partition key room_id", "countries RU and KP"."""

import re
from collections.abc import Iterator
from functools import lru_cache

from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.page import Claim, Page
from provisioning.adapters.rules.vocabulary import Meaning
from provisioning.catalog.format import FieldSpec, Parameter

_BEHIND_A_COLUMN = grammar("behind a column")

ORDINARY = ("payments", "orders-api", "a1", "web", "user_id", "2024")
DOTTED = "logs.archive"  # ordinary too, unless a type must have something of that form (a zone its domain)
LINKS = 3
BEFORE_VALUE = grammar("before a value")
FAR = 8
END = frozenset({".", ";", "!", "?", "\n"})
BETWEEN_ITEMS = grammar("between items")
WRITTEN = frozenset({"name", "word", "typo", "email", "network", "url", "path", "arn", "image"})


def named(page: Page) -> Iterator[Claim]:
    """ "partition key room_id", "prefix: raw/"."""
    for index, mention in enumerate(page.found):
        for meaning in mention.of("name"):
            field = page.field(meaning)
            text = field is not None and (
                field.type == "string" or getattr(field, "items", None) == "string"
            )
            if field is not None and text and not (field.enum or field.allowed or field.setting):
                yield from _claims_of(page, index, meaning, field)


def _claims_of(
    page: Page, index: int, meaning: Meaning, field: FieldSpec | Parameter
) -> Iterator[Claim]:
    mention, array = page.found[index], isinstance(field, Parameter) and field.type == "array"
    place = _of_its_form(page, field, mention.last, _place(page, mention, array))
    if place is None or not _accepts(
        field, page.text[page.atoms[place].start : page.atoms[place].end]
    ):
        return
    several = array and place >= mention.last
    last = _list_end(page, field, place + 1) if several else place + 1
    items = tuple(_items(page, place, last))
    span = (min(mention.first, place), max(mention.last, last))
    for owner in page.owners({meaning.subject}, *span):
        value = items if several else as_type(page, owner, meaning.path, items[0])
        yield page.claim(owner, meaning.path, value, span, page.scope.covers(index))


def _place(page: Page, mention: Mention, array: bool) -> int | None:
    """ "two consumers, routing and mail": behind a number of them a list follows."""
    place = _value_place(page, mention.last)
    counted = mention.first in page.amount_ends
    if (
        place is None
        and array
        and counted
        and mention.last < len(page.atoms)
        and page.atoms[mention.last].key == ","
    ):
        place = _value_place(page, mention.last + 1)
    return place if place is not None else _column_before(page, mention.first)


def _list_end(page: Page, field: FieldSpec | Parameter, index: int) -> int:
    """ "countries RU, BY and KP"; nothing but commas and conjunctions between two of a list."""
    end = place = index
    while place < len(page.atoms) and page.atoms[place].key in BETWEEN_ITEMS:
        while place < len(page.atoms) and page.atoms[place].key in BETWEEN_ITEMS:
            place += 1
        if not _is_item(page, field, place):
            break
        end = place = place + 1
    return end


def _is_item(page: Page, field: FieldSpec | Parameter, place: int) -> bool:
    atom = page.atoms[place] if place < len(page.atoms) else None
    if (
        atom is None
        or atom.kind not in WRITTEN
        or not _accepts(field, page.text[atom.start : atom.end])
    ):
        return False
    known = (
        place in page.covered or atom.key in page.vocabulary.ignorable or bool(page.roles_at(place))
    )
    return not known or (bool(field.pattern) and distinctive(field.pattern, field.required))


def _items(page: Page, first: int, last: int) -> Iterator[str]:
    for atom in page.atoms[first:last]:
        if atom.key not in BETWEEN_ITEMS:
            yield page.text[atom.start : atom.end]


def _accepts(field: FieldSpec | Parameter, raw: str) -> bool:
    return not field.pattern or re.fullmatch(field.pattern, raw) is not None


def _value_place(page: Page, index: int) -> int | None:
    for _ in range(LINKS):
        if index >= len(page.atoms):
            return None
        atom = page.atoms[index]
        if atom.key in BEFORE_VALUE:
            index += 1
            continue
        following = page.atoms[index + 1] if index + 1 < len(page.atoms) else None
        if (
            atom.kind in {"word", "typo"}
            and following
            and following.kind == "name"
            and "_" in following.key
        ):
            index += 1
            continue
        free = atom.kind in WRITTEN and index not in page.covered
        return index if free and atom.key not in page.vocabulary.ignorable else None
    return None


def _of_its_form(
    page: Page, field: FieldSpec | Parameter, index: int, found: int | None
) -> int | None:
    """ "visitors from Germany and Austria (DE, AT)": the next word of the value's own form, where it has one."""
    raw = page.text[page.atoms[found].start : page.atoms[found].end] if found is not None else ""
    if (
        (raw and _accepts(field, raw))
        or not field.pattern
        or not distinctive(field.pattern, field.required)
    ):
        return found
    for place in range(index, min(index + FAR, len(page.atoms))):
        atom = page.atoms[place]
        if atom.key in END or (
            atom.kind in WRITTEN and _accepts(field, page.text[atom.start : atom.end])
        ):
            return None if atom.key in END or place in page.covered else place
    return None


def _column_before(page: Page, index: int) -> int | None:
    """ "expires_at (TTL)", "expires_at as TTL"."""
    place = index - 1
    while place > 0 and page.atoms[place].key in _BEHIND_A_COLUMN and index - place <= LINKS:
        place -= 1
    column = (
        0 <= place < index - 1 and page.atoms[place].kind == "name" and "_" in page.atoms[place].key
    )
    mentioned = page.by_last.get(place)
    named = mentioned is not None and page.found[mentioned].of("name")
    return place if column and not named and place not in page.covered else None


def as_type(page: Page, owner: str, path: str, value: str) -> str | tuple[str, ...]:
    field = page.vocabulary.catalog.types[owner].field(path)
    return (value,) if isinstance(field, Parameter) and field.type == "array" else value


@lru_cache(maxsize=1024)
def distinctive(pattern: str, required: bool) -> bool:
    """Whether ordinary words are refused, so that what fits is no accident."""
    return not any(
        re.fullmatch(pattern, word) for word in (*ORDINARY, *(() if required else (DOTTED,)))
    )

"""What a phrase calls something in the catalog: a choice, a parameter, an environment, a type."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, repeat
from pathlib import Path
from typing import NamedTuple

from provisioning.catalog.format import FieldSpec
from provisioning.catalog.language import Role, language_of
from provisioning.catalog.plain import is_slip, keys_of, words_of
from provisioning.catalog.types import Catalog

NOBODY: frozenset[str] = frozenset()


class Found(NamedTuple):
    """What is called so, and where in the words."""

    name: str
    place: tuple[int, int]


def place_of(keys: Sequence[str], spelling: str) -> tuple[int, int] | None:
    """Where the spelling stands in a row of plain words. A plural s makes no difference, nor does a
    blank that is left out ("flowlogs")."""
    wanted = keys_of(spelling)
    if not wanted:
        return None
    for start, key in enumerate(keys):
        # The first word alone decides in most places, and this is asked ten thousand times for a text.
        if _is(key, wanted[0]) and _follows(keys, start, wanted):
            return start, start + len(wanted)
    together = "".join(wanted)
    if len(wanted) > 1 and together in keys:
        start = keys.index(together)
        return start, start + 1
    return None


def _follows(keys: Sequence[str], start: int, wanted: Sequence[str]) -> bool:
    there = keys[start : start + len(wanted)]
    return len(there) == len(wanted) and all(map(_is, there, wanted))


def _is(said: str, meant: str) -> bool:
    return said in {meant, f"{meant}s"}


def _misspelled_place(
    keys: Sequence[str], spelling: str, known: frozenset[str]
) -> tuple[int, int] | None:
    wanted = keys_of(spelling)
    if not wanted:
        return None
    for start in range(len(keys) - len(wanted) + 1):
        end = start + len(wanted)
        if all(map(_is_or_is_slip, keys[start:end], wanted, repeat(known))):
            return start, end
    return None


def _is_or_is_slip(said: str, meant: str, known: frozenset[str]) -> bool:
    return _is(said, meant) or is_slip(said, meant, known)


def longest(
    keys: Sequence[str],
    spellings: Mapping[str, Iterable[str]],
    known: frozenset[str] = NOBODY,
) -> Found | None:
    """The name whose longest spelling stands in the words; None where none does, or those of two
    are equally long. Where `known` words are given, slips of other words are mended if nothing
    stands there as it is."""
    found = _longest(spellings, lambda spelling: place_of(keys, spelling))
    if found or not known or all(key in known for key in keys):
        return found
    return _longest(spellings, lambda spelling: _misspelled_place(keys, spelling, known))


def _longest(
    spellings: Mapping[str, Iterable[str]], look: Callable[[str], tuple[int, int] | None]
) -> Found | None:
    best: Found | None = None
    length, draw = 0, False
    for name, all_of_it in spellings.items():
        for spelling in all_of_it:
            # A shorter one can change nothing, and looking is what costs time.
            if len(spelling) < length:
                continue
            place = look(spelling)
            if place is None:
                continue
            if len(spelling) > length:
                best, length, draw = Found(name, place), len(spelling), False
            elif best and best.name != name:
                draw = True
    return None if draw else best


def spellings_of(field: FieldSpec) -> dict[str, list[str]]:
    """Each choice with its own name and the catalog's words for it. Numbers are no names: the "1"
    of "1 month" is not the choice 1."""
    spelled: dict[str, list[str]] = {}
    for choice in field.enum:
        if isinstance(choice, str):
            spelled[choice] = [choice]
    for name, more in field.values.items():
        spelled.setdefault(name, []).extend(more)
    return spelled


@lru_cache(maxsize=4)
def environment_spellings(catalog: Catalog) -> dict[str, list[str]]:
    spelled = {}
    for name, environment in catalog.platform.environments.items():
        spelled[name] = [name, environment.title, *environment.spellings]
    return spelled


@lru_cache(maxsize=4)
def type_spellings(catalog: Catalog) -> dict[str, list[str]]:
    spelled = {}
    for name, resource_type in catalog.types.items():
        file = resource_type.file
        spelled[name] = [name, file.title, *file.synonyms]
    return spelled


def names_type(catalog: Catalog, type_name: str, text: str) -> bool:
    """Any of the words that name the type or hint at it stands there, be it with a slip of the pen."""
    resource_type = catalog.types[type_name]
    file = resource_type.file
    words = [file.title, *file.synonyms, *file.weak_synonyms, *file.parts, type_name]
    for _, field in resource_type.fields():
        if field.names_type:
            words += chain.from_iterable(spellings_of(field).values())
    keys = words_of(text).keys
    if any(place_of(keys, word) for word in words):
        return True
    known = known_words(catalog)
    return any(_misspelled_place(keys, word, known) for word in words)


def role_phrases(catalog: Catalog, role: Role) -> frozenset[tuple[str, ...]]:
    """The words of a role as plain words, in all languages; none where the catalog has no language."""
    return _role_phrases(catalog.folders, catalog.digest, role)


@lru_cache(maxsize=16)
def _role_phrases(folders: tuple[Path, ...], digest: str, role: Role) -> frozenset[tuple[str, ...]]:
    language = language_of(folders, digest)
    if language is None:
        return frozenset()
    phrases = list(language.roles[role])
    for table in language.translations.values():
        for word in language.roles[role]:
            phrases += table.get(word, [])
    return frozenset(keys_of(phrase) for phrase in phrases)


def known_words(catalog: Catalog) -> frozenset[str]:
    """Words that are meant as they stand: no slip of another one is looked for behind them."""
    return _known_words(catalog.digest, catalog)


# One catalog at a time: a test or a command may load many, and each has some ten thousand words.
_KNOWN: dict[str, frozenset[str]] = {}


def _known_words(digest: str, catalog: Catalog) -> frozenset[str]:
    if digest not in _KNOWN:
        _KNOWN.clear()
        _KNOWN[digest] = frozenset(_all_words(catalog))
    return _KNOWN[digest]


def _all_words(catalog: Catalog) -> Iterator[str]:
    for phrase in _all_phrases(catalog):
        yield from keys_of(phrase)


def _all_phrases(catalog: Catalog) -> Iterator[str]:
    language = language_of(catalog.folders, catalog.digest)
    if language:
        yield from chain.from_iterable(language.roles.values())
    yield from chain.from_iterable(environment_spellings(catalog).values())
    yield from chain.from_iterable(type_spellings(catalog).values())
    for resource_type in catalog.types.values():
        for _, field in resource_type.fields():
            yield from field.synonyms
            yield from chain.from_iterable(spellings_of(field).values())

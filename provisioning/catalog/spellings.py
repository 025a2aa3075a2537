"""What a phrase calls something in the catalog: a choice, a parameter, an environment, a type."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
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
    for start, key in enumerate(keys) if wanted else ():
        if _is(key, wanted[0]) and _follows(keys, start, wanted):
            return start, start + len(wanted)
    together = "".join(wanted)
    if len(wanted) > 1 and together in keys:
        return keys.index(together), keys.index(together) + 1
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
    for start in range(len(keys) - len(wanted) + 1) if wanted else ():
        there = keys[start : start + len(wanted)]
        pairs = zip(there, wanted, strict=True)
        if all(_is(one, other) or is_slip(one, other, known) for one, other in pairs):
            return start, start + len(wanted)
    return None


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
            place = look(spelling) if len(spelling) >= length else None
            if place and len(spelling) > length:
                best, length, draw = Found(name, place), len(spelling), False
            elif place and best and best.name != name:
                draw = True
    return None if draw else best


def spellings_of(field: FieldSpec) -> dict[str, list[str]]:
    """Each choice with its own name and the catalog's words for it. Numbers are no names: the "1"
    of "1 month" is not the choice 1."""
    spelled = {str(choice): [str(choice)] for choice in field.enum if isinstance(choice, str)}
    for choice, more in field.values.items():
        spelled.setdefault(choice, []).extend(more)
    return spelled


@lru_cache(maxsize=4)
def environment_spellings(catalog: Catalog) -> dict[str, list[str]]:
    return {
        name: [name, environment.title, *environment.spellings]
        for name, environment in catalog.platform.environments.items()
    }


@lru_cache(maxsize=4)
def type_spellings(catalog: Catalog) -> dict[str, list[str]]:
    return {
        name: [name, resource_type.file.title, *resource_type.file.synonyms]
        for name, resource_type in catalog.types.items()
    }


def names_type(catalog: Catalog, type_name: str, text: str) -> bool:
    """Any of the words that name the type or hint at it stands there, be it with a slip of the pen."""
    resource_type = catalog.types[type_name]
    file = resource_type.file
    words = [file.title, *file.synonyms, *file.weak_synonyms, *file.parts, type_name]
    for _, field in resource_type.fields():
        if field.names_type:
            words += [word for spelled in spellings_of(field).values() for word in spelled]
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


_KNOWN: dict[str, frozenset[str]] = {}


def _known_words(digest: str, catalog: Catalog) -> frozenset[str]:
    if digest not in _KNOWN:
        _KNOWN.clear()
        _KNOWN[digest] = frozenset(_all_words(catalog))
    return _KNOWN[digest]


def _all_words(catalog: Catalog) -> Iterable[str]:
    language = language_of(catalog.folders, catalog.digest)
    for phrase in [word for words in language.roles.values() for word in words] if language else ():
        yield from keys_of(phrase)
    for spelled in (environment_spellings(catalog), type_spellings(catalog)):
        for phrases in spelled.values():
            yield from (word for phrase in phrases for word in keys_of(phrase))
    for resource_type in catalog.types.values():
        for _, field in resource_type.fields():
            phrases = [
                *field.synonyms,
                *(one for all_ in spellings_of(field).values() for one in all_),
            ]
            yield from (word for phrase in phrases for word in keys_of(phrase))

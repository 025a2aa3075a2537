"""Everything the catalog's data says about words, indexed once per catalog."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from provisioning.adapters.rules.phrases import Phrases
from provisioning.adapters.rules.tokens import key, keys
from provisioning.adapters.rules.typos import Typos
from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.language import Language, Role, Schedules, Unit
from provisioning.catalog.paths import first_item
from provisioning.domain import Scalar

Kind = Literal[
    "type", "weak", "part", "environment", "name", "value", "refused", "role", "hidden", "unoffered"
]
CONTENT = frozenset({"type", "weak", "environment", "name", "value", "refused"})
# Roles whose misspelled words are worth recognizing: overheard, they turn a request into its opposite.
WEIGHTY: tuple[Role, ...] = ("negation", "destructive", "changing", "other_cloud")
SHORT = 3


# A phrase of another language as it is written, and its English words.
Translations = Phrases[tuple[str, tuple[str, ...]]]


class Meaning(NamedTuple):
    """What a phrase may mean. `subject` is a resource type, an environment or a role; "" for a parameter of all types. A
    "hidden" type is named inside a phrase of another type's parameter ("private bucket" of cloudfront)."""

    kind: Kind
    subject: str
    path: str = ""
    value: Scalar = ""


@dataclass(frozen=True, eq=False)
class Vocabulary:
    catalog: Catalog
    language: Language
    phrases: Phrases[Meaning]
    units: Phrases[Unit]
    schedules: dict[str, Phrases[str]]
    translations: dict[str, Translations]
    ideographs: dict[str, tuple[str, ...]]
    ignorable: frozenset[str]
    correct: frozenset[str]
    filler: frozenset[str]
    closings: frozenset[str]
    english: frozenset[str]
    typos: Typos
    unit_typos: Typos
    keys: dict[str, dict[str, list[str]]] = field(default_factory=dict)

    def names_type(self, meaning: Meaning) -> bool:
        resource_type = self.catalog.types.get(meaning.subject)
        parameter = resource_type.parameters.get(meaning.path) if resource_type else None
        return parameter is not None and parameter.names_type

    def knows(self, word: str) -> bool:
        return (
            word in self.phrases.words or word in self.units.words or word in self.language.numbers
        )


def vocabulary_of(catalog: Catalog, language: Language) -> Vocabulary:
    content: Phrases[Meaning] = Phrases(_content(catalog))
    typos = Typos(_spelled(content, language), _short_types(catalog))
    roles = [(word, Meaning("role", role)) for role, words in language.roles.items() for word in words
             if role not in {"ignorable", "plain"}]  # fmt: skip
    for phrase, meaning in roles:
        content.add(phrase, meaning)
    translations = {
        name: Phrases(
            (foreign, (foreign, keys(english)))
            for english, words in table.items()
            for foreign in words
        )
        for name, table in language.translations.items()
    }
    _also_translated(catalog, content, translations)
    ignorable = frozenset(word for phrase in language.roles["ignorable"] for word in keys(phrase))
    plain = frozenset(word for phrase in language.roles["plain"] for word in keys(phrase))
    return Vocabulary(
        catalog=catalog,
        language=language,
        phrases=content,
        units=Phrases((word, unit) for unit in language.units.values() for word in unit.words),
        schedules=_schedules(language.schedules),
        translations=translations,
        ideographs=_ideographs(content, translations),
        ignorable=ignorable,
        correct=ignorable | plain,
        filler=ignorable | frozenset(word for phrase in language.filler for word in keys(phrase)),
        closings=frozenset(language.roles["closing"]),
        english=_english(language) | ignorable,
        typos=typos,
        unit_typos=Typos(
            word for unit in language.units.values() for word in unit.words if len(word) > SHORT
        ),
    )


def _ideographs(
    content: Phrases[Meaning], translations: Mapping[str, Translations]
) -> dict[str, tuple[str, ...]]:
    """What is written without blanks, and its English words; the language that comes first wins."""
    known: dict[str, tuple[str, ...]] = {
        word: (word,) for word in content.words if not word.isascii()
    }
    for table in reversed(list(translations.values())):
        for word in table.words:
            entries = table.longest([word], 0)[1]
            if entries and not word.isascii():
                known[word] = english(entries, word)
    return known


def _schedules(words: Schedules) -> dict[str, Phrases[str]]:
    parts = {"times": words.times, "days": words.days, "dates": words.dates, "daily": words.daily}
    tables = {part: Phrases((word, value) for value, said in table.items() for word in said)
              for part, table in parts.items()}  # fmt: skip
    return {**tables, "every": Phrases((word, "every") for word in words.every)}


def _english(language: Language) -> frozenset[str]:
    """Words that prove no other language; what the catalog itself says may be of any."""
    phrases = [phrase for words in language.roles.values() for phrase in words]
    phrases += [english for table in language.translations.values() for english in table]
    phrases += [word for unit in language.units.values() for word in unit.words]
    return frozenset(word for phrase in [*phrases, *language.numbers] for word in keys(phrase))


def _spelled(content: Phrases[Meaning], language: Language) -> set[str]:
    weighty = {word for role in WEIGHTY for phrase in language.roles[role] for word in keys(phrase)}
    words = {word for word in content.written if len(word) > 3} | {
        word for word in weighty if len(word) > 5
    }
    return words | {f"{word}s" for word in words if key(f"{word}s") == word}


def _short_types(catalog: Catalog) -> set[str]:
    names = (name for kind in catalog.types.values() for name in kind.spellings)
    return {key(name) for name in names if len(name) == SHORT}


def _content(catalog: Catalog) -> Iterator[tuple[str, Meaning]]:
    for name, environment in catalog.platform.environments.items():
        yield from (
            (spelling, Meaning("environment", name)) for spelling in [name, *environment.spellings]
        )
    for path, common in catalog.platform.parameters.items():
        yield from _field("", path, common)
    for resource_type in catalog.types.values():
        yield from _type(resource_type)
        for path, spec in resource_type.fields():
            if path not in catalog.platform.parameters:
                yield from _field(resource_type.name, first_item(path), spec)


def _type(resource_type: ResourceType) -> Iterator[tuple[str, Meaning]]:
    for phrase in resource_type.spellings:
        yield phrase, Meaning("type", resource_type.name)
    for phrase in resource_type.file.weak_synonyms:
        yield phrase, Meaning("weak", resource_type.name)
    for phrase in resource_type.file.parts:
        yield phrase, Meaning("part", resource_type.name)
    for phrase in resource_type.file.not_offered:
        yield phrase, Meaning("unoffered", resource_type.name, phrase)


def _field(owner: str, path: str, field: FieldSpec) -> Iterator[tuple[str, Meaning]]:
    own_words = [path.replace("_", " ")] if "[" not in path and not field.setting else []
    for phrase in own_words + field.synonyms:
        yield phrase, Meaning("name", owner, path)
    for written, phrases in field.values.items():
        value = _value(field, written)
        yield from (
            (phrase, Meaning("value", owner, path, value))
            for phrase in [*phrases, *_self(field, written)]
        )
    for choice in field.enum:
        if isinstance(choice, str) and len(choice) > 1 and choice not in field.values:
            yield choice, Meaning("value", owner, path, choice)
    for written, phrases in field.refused.items():
        yield from (
            (phrase, Meaning("refused", owner, path, written)) for phrase in [written, *phrases]
        )


def _self(field: FieldSpec, written: str) -> list[str]:
    return [written] if field.type == "string" and len(written) > 1 else []


def _value(field: FieldSpec, written: str) -> Scalar:
    if field.type == "boolean":
        return written == "true"
    return int(written) if field.type == "integer" else written


def _also_translated(
    catalog: Catalog, content: Phrases[Meaning], translations: dict[str, Translations]
) -> None:
    """A phrase of the catalog in another language is found by its own words and after translation of its parts."""
    for phrase, meaning in list(_content(catalog)):
        words = keys(phrase)
        for table in translations.values() if len(words) > 1 else ():
            translated = (
                _translated(words, phrase, table) if not table.words.isdisjoint(words) else words
            )
            if translated != words:
                content.add(" ".join(translated), meaning)


def _translated(words: tuple[str, ...], phrase: str, table: Translations) -> tuple[str, ...]:
    translated: list[str] = []
    index = 0
    while index < len(words):
        end, entries = table.longest(words, index)
        translated.extend(english(entries, phrase) if entries else words[index : index + 1])
        index = max(end, index + 1)
    return tuple(translated)


def english(entries: list[tuple[str, tuple[str, ...]]], written: str) -> tuple[str, ...]:
    """Without accents "nós" (nodes) and "nos" (in the) are one; what was written decides, and else the first."""
    exact = (
        [words for foreign, words in entries if foreign in written.casefold()]
        if len(entries) > 1
        else []
    )
    return max(exact, key=len) if exact else entries[0][1]

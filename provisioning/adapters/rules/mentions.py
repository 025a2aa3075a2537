"""Where the text says something that the vocabulary knows."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from provisioning.adapters.rules.tokens import Atom, atoms, key
from provisioning.adapters.rules.translate import translate
from provisioning.adapters.rules.vocabulary import CONTENT, Meaning, Vocabulary

Keep = Callable[[Meaning], bool]
NAME = "name"


class Mention(NamedTuple):
    """`first` and `last` are atom indexes, `last` exclusive."""

    first: int
    last: int
    meanings: tuple[Meaning, ...]

    @property
    def content(self) -> bool:
        return any(meaning.kind in CONTENT for meaning in self.meanings)

    def roles(self) -> set[str]:
        return {meaning.subject for meaning in self.meanings if meaning.kind == "role"}

    def of(self, *kinds: str) -> list[Meaning]:
        return [meaning for meaning in self.meanings if meaning.kind in kinds]


def read_atoms(text: str, vocabulary: Vocabulary) -> list[Atom]:
    """Atoms in English and spelled right. A compound that is not made of known words altogether is one atom, a name."""
    translated = translate(text, atoms(text), vocabulary)
    corrected = [_corrected(atom, vocabulary) for atom in translated]
    found: list[Atom] = []
    for _, members in groupby(zip(corrected, translated, strict=True), key=lambda pair: pair[0].group):
        group = list(members)
        found.extend(_compound(text, [pair[0] for pair in group], vocabulary, found))
    return found


def _corrected(atom: Atom, vocabulary: Vocabulary) -> Atom:
    if atom.kind != "word" or vocabulary.knows(atom.key) or atom.key in vocabulary.ignorable:
        return atom
    right = vocabulary.typos.correct(atom.key)
    return atom._replace(key=right, kind="typo") if right else atom


def _compound(text: str, group: list[Atom], vocabulary: Vocabulary, before: Sequence[Atom]) -> list[Atom]:
    parts = [atom for atom in group if atom.kind != "mark"]
    if len(parts) < 2 or len({(atom.start, atom.end) for atom in parts}) < 2 or group[0].kind == "mark":
        return group
    whole = text[group[0].start : group[-1].end]
    if any(ord(character) > 0x3000 for character in whole) or "–" in [atom.key for atom in group]:
        return group
    if _covered([atom.key for atom in group], vocabulary, _names_follow(before, vocabulary)):
        return group
    return [Atom(key(whole), group[0].start, group[-1].end, group[0].group, NAME)]


def _names_follow(before: Sequence[Atom], vocabulary: Vocabulary) -> bool:
    """After "for", "for the" or "called" a compound is a name, even one of known words ("for image-cache")."""
    words = [atom.key for atom in before[-3:]]
    while words and words[-1] in {"the", "a", "our", "my", "is", ":"}:
        words.pop()
    return bool(words) and words[-1] in {"for", "called", "named", "app", "application", "service"}


def _covered(words: Sequence[str], vocabulary: Vocabulary, names_follow: bool) -> bool:
    index, pieces = 0, 0
    while index < len(words):
        end, entries = vocabulary.phrases.longest(words, index, lambda meaning: meaning.kind in CONTENT)
        if not entries:
            end = _quantity_end(words, index, vocabulary)
        if end == index:
            return False
        index, pieces = end, pieces + 1
    return pieces == 1 or not names_follow


def _quantity_end(words: Sequence[str], index: int, vocabulary: Vocabulary) -> int:
    if words[index][0].isdecimal() or words[index] in vocabulary.language.numbers:
        end, entries = vocabulary.units.longest(words, index + 1) if index + 1 < len(words) else (index, [])
        return end if entries else index + 1
    end, joining = vocabulary.phrases.longest(
        words, index, lambda meaning: meaning.subject in {"joining", "alternative"}
    )
    return end if joining and len(words) > 1 else index


def mentions(found: Sequence[Atom], vocabulary: Vocabulary, keep: Keep = lambda meaning: True) -> list[Mention]:
    """Left to right, the longest phrase first; no two overlap."""
    return list(_mentions([atom.key for atom in found], [atom.kind for atom in found], vocabulary, keep))


def _mentions(words: Sequence[str], kinds: Sequence[str], vocabulary: Vocabulary, keep: Keep) -> Iterator[Mention]:
    index = 0
    while index < len(words):
        if kinds[index] == NAME:
            index += 1
            continue
        end, entries = vocabulary.phrases.longest(words, index, keep)
        if entries:
            inner = _inner(words, index, end, vocabulary, entries) if end - index > 1 else []
            yield Mention(index, end, (*entries, *inner))
        index = max(end, index + 1)


def _inner(
    words: Sequence[str], first: int, last: int, vocabulary: Vocabulary, outer: Sequence[Meaning]
) -> list[Meaning]:
    """Values inside a longer phrase: the engine in "postgres database", the class in the name "to glacier after"."""
    types = {meaning.subject for meaning in outer if meaning.kind == "type"}
    items = {(meaning.subject, _item(meaning)) for meaning in outer if meaning.kind == "name" and _item(meaning)}
    values = {meaning.subject for meaning in outer if meaning.kind == "value"}
    paths = {(meaning.subject, meaning.path) for meaning in outer}
    inside = [
        entry
        for start in range(first, last) if types or items or values
        for end, entries in vocabulary.phrases.ends(words[:last], start) if (start, end) != (first, last)
        for entry in entries if entry.kind in {"value", "refused"} and (entry.subject, entry.path) not in paths
    ]  # fmt: skip
    near = [entry for entry in inside if entry.subject in types | values or (entry.subject, _item(entry)) in items]
    return near + [entry for entry in inside if types and entry not in near and vocabulary.names_type(entry)]


def _item(meaning: Meaning) -> str:
    return meaning.path.rpartition(".")[0]

"""Where the text says something that the vocabulary knows."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.spelling import names_follow, spelled
from provisioning.adapters.rules.tokens import Atom, atoms, key
from provisioning.adapters.rules.translate import translate
from provisioning.adapters.rules.vocabulary import CONTENT, Meaning, Vocabulary

Keep = Callable[[Meaning], bool]
NAME = "name"
TIMES = "x"
BEFORE_COLUMNS = grammar("before a column")
LONGEST_REST = 4
CERTAIN = CONTENT - {"weak"}


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
    corrected = spelled(translate(text, atoms(text), vocabulary), vocabulary)
    found: list[Atom] = []
    for _, members in groupby(corrected, key=lambda atom: atom.group):
        group = list(members)
        found.extend(_compound(text, group, vocabulary, (found, corrected)))
    return found


def _compound(
    text: str,
    group: list[Atom],
    vocabulary: Vocabulary,
    around: tuple[Sequence[Atom], Sequence[Atom]],
) -> list[Atom]:
    """`around` are the atoms before the group as they were read, and all atoms."""
    parts = [atom for atom in group if atom.kind != "mark"]
    if (
        len(parts) < 2
        or len({(atom.start, atom.end) for atom in parts}) < 2
        or group[0].kind == "mark"
    ):
        return group
    whole = text[group[0].start : group[-1].end]
    if any(ord(character) > 0x3000 for character in whole) or "–" in [atom.key for atom in group]:
        return group
    before, everything = around
    if "_" in whole and before and before[-1].key in BEFORE_COLUMNS:
        return [Atom(key(whole), group[0].start, group[-1].end, group[0].group, NAME)]
    if not names_follow(before) and _is_role([atom.key for atom in parts], vocabulary):
        return group
    end = bisect_left(everything, group[-1].group + 1, key=lambda atom: atom.group)
    following = [atom.key for atom in everything[end : end + LONGEST_REST]]
    words = [atom.key for atom in group]
    rate = vocabulary.units.longest(words, 0)[0] == len(words)  # "MB/s"
    known = rate or _ends_a_phrase(before, words, vocabulary)
    if known or _covered(words, following, vocabulary, names_follow(before)):
        return group
    return [Atom(key(whole), group[0].start, group[-1].end, group[0].group, NAME)]


def _ends_a_phrase(before: Sequence[Atom], words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """ "self sign-up"."""
    earlier = [atom.key for atom in before[-LONGEST_REST:]]
    both = [*earlier, *words]
    return any(
        vocabulary.phrases.longest(both, start, lambda meaning: meaning.kind in CERTAIN)[0]
        == len(both)
        for start in range(len(earlier))
    )


def _is_role(words: Sequence[str], vocabulary: Vocabulary) -> bool:
    """ "w/o" means without and names nothing."""
    end, entries = vocabulary.phrases.longest(words, 0, lambda meaning: meaning.kind == "role")
    return bool(entries) and end == len(words)


def _covered(
    words: Sequence[str], following: Sequence[str], vocabulary: Vocabulary, names_follow: bool
) -> bool:
    """A phrase may go on behind the compound ("point-in-time recovery"). What only hints at a type may be a name too."""
    index, pieces, phrases, both = 0, 0, 0, [*words, *following]
    types: set[str] = set()
    kinds: list[set[str]] = []
    while index < len(words):
        end, entries = vocabulary.phrases.longest(
            both, index, lambda meaning: meaning.kind in CERTAIN
        )
        if not entries:
            end = _quantity_end(words, index, vocabulary)
        if end == index or (types and entries and _of_others(entries, types)):
            return False
        types = {entry.subject for entry in entries if entry.kind == "type"}
        index, pieces, phrases = end, pieces + 1, phrases + bool(entries)
        kinds.append({entry.kind for entry in entries})
    if (
        len(kinds) > 1
        and "name" in kinds[0]
        and kinds[-1] == {"name"}
        and not {"type", "environment"} & set().union(*kinds)
    ):
        return False  # "alerts-engine"
    return pieces == 1 or not phrases or not names_follow


def _of_others(entries: Sequence[Meaning], types: set[str]) -> bool:
    """ "queue-worker" is a name: what stands behind the type's word says nothing of that type."""
    return all(
        entry.kind in {"name", "value"} and entry.subject not in {"", *types} for entry in entries
    )


def _quantity_end(words: Sequence[str], index: int, vocabulary: Vocabulary) -> int:
    if TIMES in words[index : index + 2] and any(
        word[0].isdecimal() for word in words[index : index + 2]
    ):
        return index + 2
    if words[index][0].isdecimal() or words[index] in {
        *vocabulary.language.numbers,
        *vocabulary.language.fractions,
    }:
        end, entries = (
            vocabulary.units.longest(words, index + 1) if index + 1 < len(words) else (index, [])
        )
        return end if entries else index + 1
    end, joining = vocabulary.phrases.longest(
        words, index, lambda meaning: meaning.subject in {"joining", "alternative"}
    )
    return end if joining and len(words) > 1 else index


def mentions(
    found: Sequence[Atom], vocabulary: Vocabulary, keep: Keep = lambda meaning: True
) -> list[Mention]:
    """Left to right, the longest phrase first; no two overlap."""
    return list(
        _mentions([atom.key for atom in found], [atom.kind for atom in found], vocabulary, keep)
    )


def _mentions(
    words: Sequence[str], kinds: Sequence[str], vocabulary: Vocabulary, keep: Keep
) -> Iterator[Mention]:
    index = 0
    while index < len(words):
        if kinds[index] == NAME:
            index += 1
            continue
        end, entries = vocabulary.phrases.longest(words, index, keep)
        if end - index > 1 and words[index] in vocabulary.language.roles["joining"]:
            end, entries = _shortened(words, index, end, vocabulary, keep) or (end, entries)
        if entries:
            inner = _inner(words, index, end, vocabulary, entries) if end - index > 1 else []
            yield Mention(index, end, (*entries, *inner))
        index = max(end, index + 1)


def _shortened(
    words: Sequence[str], index: int, end: int, vocabulary: Vocabulary, keep: Keep
) -> tuple[int, list[Meaning]] | None:
    """ "with rotation every 90 days" has "rotation every", though "with rotation" begins earlier."""
    if vocabulary.phrases.longest(words, index + 1, keep)[0] <= end:
        return None
    return index + 1, vocabulary.phrases.longest(words[index : index + 1], 0, keep)[1]


def _inner(
    words: Sequence[str], first: int, last: int, vocabulary: Vocabulary, outer: Sequence[Meaning]
) -> list[Meaning]:
    """What else a longer phrase says: the engine in "postgres database", the class in the name "to glacier after", the type in
    "express state machine"."""
    types = {meaning.subject for meaning in outer if meaning.kind == "type"}
    items = {
        (meaning.subject, _item(meaning))
        for meaning in outer
        if meaning.kind == "name" and _item(meaning)
    }
    values = {meaning.subject for meaning in outer if meaning.kind == "value"}
    named = {meaning.subject for meaning in outer if meaning.kind in {"value", "name"}}
    paths = {(meaning.subject, meaning.path) for meaning in outer}
    phrase = words[first:last]
    placed = [
        (end, entry)
        for start in range(len(phrase))
        for end, entries in vocabulary.phrases.ends(phrase, start) if (start, end) != (0, len(phrase))
        for entry in entries
    ]  # fmt: skip
    inside = [entry for _, entry in placed]
    told = [
        entry
        for entry in inside
        if entry.kind in {"value", "refused"} and (entry.subject, entry.path) not in paths
    ]
    near = [
        entry for entry in told
        if entry.subject in types | values or (entry.subject, _item(entry)) in items
        or (entry.subject in named and vocabulary.names_type(entry))
    ]  # fmt: skip
    own = [
        entry
        for entry in inside
        if entry.kind in {"type", "weak"} and entry.subject in named - types
    ]
    near += [
        entry
        for end, entry in placed
        if entry.kind == "name" and end == len(phrase) and entry.subject in values
    ]
    others = {
        entry.subject
        for entry in inside
        if entry.kind == "type" and entry.subject not in types | named
    }
    hidden = [Meaning("hidden", name) for name in sorted(others)] if not types else []
    return (
        near
        + own
        + hidden
        + [entry for entry in told if types and entry not in near and vocabulary.names_type(entry)]
    )


def _item(meaning: Meaning) -> str:
    return meaning.path.rpartition(".")[0]

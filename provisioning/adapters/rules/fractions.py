"""Halves and quarters of amounts."""

from collections.abc import Sequence

from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.tokens import Atom
from provisioning.adapters.rules.vocabulary import Vocabulary

ARTICLES = grammar("articles")


def fraction(atoms: Sequence[Atom], start: int, vocabulary: Vocabulary) -> tuple[int, float | None]:
    """ "half a terabyte", "a quarter of an hour", "half a dozen"."""
    words = [atom.key for atom in atoms[start : start + 5]]
    index = 1 if words[0] in ARTICLES else 0
    value = vocabulary.language.fractions.get(words[index]) if index < len(words) else None
    index += 1
    while value is not None and index < len(words) and words[index] in ARTICLES | {"of"}:
        index += 1
    if value is None or index >= len(words):
        return start, None
    if words[index] == "dozen":
        return start + index + 1, value * vocabulary.language.numbers["dozen"]
    counted = vocabulary.phrases.longest(words, index, lambda meaning: meaning.kind == "name")[
        1
    ]  # "half an ACU"
    return (
        (start + index, value)
        if vocabulary.units.longest(words, index)[1] or counted
        else (start, None)
    )


def parts(
    atoms: Sequence[Atom], index: int, value: float, vocabulary: Vocabulary
) -> tuple[int, float]:
    """ "three quarters of a gigabyte"."""
    words = [atom.key for atom in atoms[index : index + 3]]
    if words[1:2] != ["of"] or words[0] not in vocabulary.language.fractions:
        return index, value
    return index + (3 if words[-1] in ARTICLES else 2), value * vocabulary.language.fractions[
        words[0]
    ]


def and_a_half(
    atoms: Sequence[Atom], index: int, value: float, vocabulary: Vocabulary
) -> tuple[int, float]:
    """ "two and a half"."""
    more = half([atom.key for atom in atoms[index : index + 3]], 0, vocabulary)
    return (index + 3, value + more) if more else (index, value)


def half(words: Sequence[str], index: int, vocabulary: Vocabulary) -> float:
    """What "and a half" at this place adds; 0 where other words stand there."""
    more = words[index : index + 3]
    return (
        vocabulary.language.fractions.get(more[2], 0.0)
        if more[:2] == ["and", "a"] and more[2:]
        else 0.0
    )

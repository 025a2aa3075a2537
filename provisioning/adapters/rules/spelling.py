"""Misspelled words of the catalog in a text, put right where that makes sense of them."""

from collections.abc import Sequence

from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.tokens import Atom, key
from provisioning.adapters.rules.vocabulary import CONTENT, WEIGHTY, Meaning, Vocabulary

LONGEST_PHRASE = 6
INTRODUCED = 3
_INTRODUCING = grammar("introducing")
_BETWEEN = grammar("between introduction and name")


def spelled(atoms: Sequence[Atom], vocabulary: Vocabulary) -> list[Atom]:
    """Only what becomes a phrase of the catalog is changed, and where a name is expected only what becomes an environment."""
    right = [
        atom if _is_unit(atoms, index, vocabulary) else _corrected(atom, vocabulary)
        for index, atom in enumerate(atoms)
    ]
    words = [atom.key for atom in right]
    for index, atom in enumerate(right):
        if atom.kind == "typo" and not _makes_sense(
            words, index, vocabulary, names_follow(right[max(0, index - INTRODUCED) : index])
        ):
            right[index], words[index] = atoms[index], atoms[index].key
    return right


def names_follow(before: Sequence[Atom]) -> bool:
    """After "for", "for the" or "called" a word is a name, even a compound of known words ("for image-cache")."""
    words = [atom.key for atom in before[-INTRODUCED:]]
    while words and words[-1] in _BETWEEN:
        words.pop()
    return bool(words) and words[-1] in _INTRODUCING


def _is_unit(atoms: Sequence[Atom], index: int, vocabulary: Vocabulary) -> bool:
    """ "30 minuts" is nothing that is "minus"."""
    numbered = index > 0 and (
        atoms[index - 1].kind == "number" or atoms[index - 1].key in vocabulary.language.numbers
    )
    return numbered and misspelled_unit(atoms[index], vocabulary) is not None


def misspelled_unit(atom: Atom, vocabulary: Vocabulary) -> str | None:
    """The unit that is meant, with its plural s where one was written ("dyas")."""
    written = atom.key + "s" * (atom.end - atom.start - len(atom.key) == 1)
    return vocabulary.unit_typos.correct(atom.key) or vocabulary.unit_typos.correct(written)


def _corrected(atom: Atom, vocabulary: Vocabulary) -> Atom:
    if atom.kind != "word" or vocabulary.knows(atom.key) or atom.key in vocabulary.correct:
        return atom
    written = atom.key + "s" * (
        atom.end - atom.start - len(atom.key) == 1
    )  # a plural, or letters that changed places ("taks")
    right = vocabulary.typos.correct(atom.key) or vocabulary.typos.correct(written)
    return atom._replace(key=key(right), kind="typo") if right else atom


def _makes_sense(words: Sequence[str], index: int, vocabulary: Vocabulary, named: bool) -> bool:
    def keep(meaning: Meaning) -> bool:
        return (
            meaning.kind == "environment"
            if named
            else meaning.kind in CONTENT or meaning.subject in WEIGHTY
        )

    return any(
        vocabulary.phrases.longest(words, start, keep)[0] > index
        for start in range(max(0, index - LONGEST_PHRASE), index + 1)
    )

"""Words of other languages become English ones that keep the place of the original words."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from provisioning.adapters.rules.tokens import Atom
from provisioning.adapters.rules.vocabulary import Translations, Vocabulary, english

LONGEST_PHRASE = 12
DISTINCTIVE = 8
_HIRAGANA = ("\u3041", "\u309f")


def translate(text: str, atoms: Sequence[Atom], vocabulary: Vocabulary) -> list[Atom]:
    spread = list(_spread(atoms, vocabulary))
    table = _language(spread, vocabulary)
    return list(_replaced(text, spread, table, vocabulary)) if table else spread


def _language(atoms: Sequence[Atom], vocabulary: Vocabulary) -> Translations | None:
    """The language with most words that English lacks; one short word alone proves nothing."""
    words = [atom.key for atom in atoms]
    scores = {
        name: _hits(words, table, vocabulary) for name, table in vocabulary.translations.items()
    }
    if not scores:
        return None
    best = max(scores, key=lambda name: scores[name])
    return vocabulary.translations[best] if scores[best] >= 2 else None


def _hits(words: Sequence[str], table: Translations, vocabulary: Vocabulary) -> int:
    score = index = 0
    while index < len(words):
        end, entries = table.longest(words, index)
        if entries:
            foreign = [word for word in words[index:end] if not _english(word, vocabulary)]
            score += len(foreign) + any(len(word) >= DISTINCTIVE for word in foreign)
        index = max(end, index + 1)
    return score


def _english(word: str, vocabulary: Vocabulary) -> bool:
    return word in vocabulary.english


def _replaced(
    text: str, atoms: Sequence[Atom], table: Translations, vocabulary: Vocabulary
) -> Iterator[Atom]:
    words = [atom.key for atom in atoms]
    index = 0
    while index < len(atoms):
        end, entries = table.longest(words, index)
        if entries:
            first, last = atoms[index], atoms[end - 1]
            written = english(entries, text[first.start : last.end])
            yield from (_word(word, first.start, last.end, first.group) for word in written)
        else:
            yield from _parted(atoms[index], table, vocabulary)
        index = max(end, index + 1)


def _word(word: str, start: int, end: int, group: int) -> Atom:
    return Atom(word, start, end, group, "number" if word[0].isdecimal() else "word")


def _parted(atom: Atom, table: Translations, vocabulary: Vocabulary) -> Iterator[Atom]:
    """German writes two words as one: "Produktionsdatenbank"."""
    whole = (
        atom.kind != "word"
        or atom.key in vocabulary.phrases.words
        or len(atom.key) < LONGEST_PHRASE - 2
    )
    for cut in range(3, len(atom.key) - 2) if not whole else ():
        left = atom.key[:cut]
        parts = [_part(left, table, vocabulary), _part(atom.key[cut:], table, vocabulary)]
        if not parts[0] and left.endswith("s"):
            parts[0] = _part(left[:-1], table, vocabulary)
        if all(parts):
            yield from (
                _word(word, atom.start, atom.end, atom.group) for part in parts for word in part
            )
            return
    yield atom


def _part(word: str, table: Translations, vocabulary: Vocabulary) -> tuple[str, ...]:
    entries = table.longest([word], 0)[1]
    if entries:
        return english(entries, word)
    return (word,) if word in vocabulary.phrases.words and len(word) > 2 else ()


def _spread(atoms: Sequence[Atom], vocabulary: Vocabulary) -> Iterator[Atom]:
    for atom in atoms:
        if atom.kind == "ideographs":
            yield from _segments(atom, vocabulary)
        else:
            yield atom


def _segments(atom: Atom, vocabulary: Vocabulary) -> Iterator[Atom]:
    """Japanese and Chinese put no blanks: the longest known phrase wins, what is between stays together."""
    text, offset, unknown = atom.key, 0, 0
    while offset < len(text):
        known = _known(text, offset, vocabulary)
        if known is None:
            offset += 1
            continue
        yield from _unknown(atom, unknown, offset)
        length, words = known
        span = (atom.start + offset, atom.start + offset + length)
        yield from (_word(word, *span, atom.group) for word in words)
        offset += length
        unknown = offset
    yield from _unknown(atom, unknown, offset)


def _known(text: str, offset: int, vocabulary: Vocabulary) -> tuple[int, tuple[str, ...]] | None:
    for length in range(min(LONGEST_PHRASE, len(text) - offset), 0, -1):
        words = vocabulary.ideographs.get(text[offset : offset + length])
        if words:
            return length, words
    return None


def _unknown(atom: Atom, start: int, end: int) -> Iterator[Atom]:
    """Hiragana between words are grammar and part names."""
    cuts = [
        start,
        *(i for i in range(start + 1, end) if _grammar(atom.key[i]) != _grammar(atom.key[i - 1])),
        end,
    ]
    for left, right in pairwise(cuts):
        if right > left:
            kind = "mark" if _grammar(atom.key[left]) else "word"
            yield Atom(
                atom.key[left:right], atom.start + left, atom.start + right, atom.group, kind
            )


def _grammar(character: str) -> bool:
    return _HIRAGANA[0] <= character <= _HIRAGANA[1]

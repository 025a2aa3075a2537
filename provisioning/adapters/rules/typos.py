"""Misspelled words of the vocabulary, by deletion neighborhoods (Garbe's SymSpell): one look-up per deletion, never a scan."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

SHORTEST, LONG, LONGEST = 4, 9, 24
LARGEST, SOUNDING = 2, 5


class Typos:
    def __init__(self, words: Iterable[str], short: Iterable[str] = ()) -> None:
        """Of the `short` words only a swap of two neighbors is recognized ("vcp")."""
        known = frozenset(short)
        swapped = Counter(swap for word in known for swap in _swaps(word))
        self._swapped = {
            swap: word
            for word in known
            for swap in _swaps(word)
            if swapped[swap] == 1 and swap not in known
        }
        self._words = frozenset(word for word in words if word.isalpha() and len(word) <= LONGEST)
        self._deletions: dict[str, set[str]] = defaultdict(set)
        self._shuffled = {
            "".join(sorted(word)): word for word in self._words if len(word) > SHORTEST
        }
        self._sounding = {_consonants(word): word for word in self._words if len(word) > SOUNDING}
        for word in self._words:
            for shorter in _deletions(word, 1):
                self._deletions[shorter].add(word)

    def correct(self, word: str) -> str | None:
        """The nearest word of the vocabulary: one slip, or two in a long word; or only letters that changed places ("aroura"), or
        wrong vowels ("gatwey"). The first letter is nearly always right."""
        if word in self._swapped:
            return self._swapped[word]
        if not (SHORTEST <= len(word) <= LONGEST) or not word.isalpha() or word in self._words:
            return None
        candidates = {
            c
            for shorter in _deletions(word, _allowed(word))
            for c in self._deletions.get(shorter, ())
        }
        ranked = sorted(
            (
                _distance(word, c),
                c[0] != word[0],
                sorted(c) != sorted(word),
                _single(c) != _single(word),
                c[-1] != word[-1],
                len(c) <= len(word),  # a lost letter is the likeliest slip
                c,
            )
            for c in candidates
            if _credible(word, c)
        )
        if ranked and ranked[0][0] <= _allowed(word) and (not ranked[0][1] or ranked[0][0] == 1):
            return ranked[0][-1]
        for other in (
            self._shuffled.get("".join(sorted(word)), ""),
            self._sounding.get(_consonants(word), ""),
        ):
            if other[:1] == word[0] and _distance(word, other) <= LARGEST:
                return other
        return None


def _single(word: str) -> str:
    """Without doubled letters, which are the likeliest slip ("nodess")."""
    return "".join(letter for letter, _ in groupby(word))


def _consonants(word: str) -> str:
    return "".join(letter for letter in word if letter not in "aeiou")


def _credible(word: str, candidate: str) -> bool:
    """Of a short word only a swap of neighbors or a lost letter is sure enough ("noed", "mysq")."""
    return (
        len(min(word, candidate, key=len)) > SHORTEST
        or sorted(word) == sorted(candidate)
        or len(candidate) > len(word)
    )


def _swaps(word: str) -> set[str]:
    return {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)} - {word}


def _allowed(word: str) -> int:
    return 2 if len(word) >= LONG else 1


def _deletions(word: str, count: int) -> Iterator[str]:
    yield word
    for index in range(len(word)):
        shorter = word[:index] + word[index + 1 :]
        if count > 1:
            yield from _deletions(shorter, count - 1)
        else:
            yield shorter


def _distance(left: str, right: str) -> int:
    """Edits with neighbors swapped counted as one (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        before, last, row = row, before, [i]
        for j, b in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]

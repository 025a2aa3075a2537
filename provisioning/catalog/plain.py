"""Words without what writing adds to them: case, accents, Markdown, quotes, dashes, line breaks, table bars."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

_UNPARTED = "\\u0e00-\\u0e7f\\u1100-\\u11ff\\u2e80-\\u9fff\\uac00-\\ud7ff\\uf900-\\ufaff"
# A number with its points and commas; a letter of a script without blanks; other letters in a row.
_WORD = re.compile(rf"\d+(?:[.,]\d+)*|[{_UNPARTED}]|[^\W\d_{_UNPARTED}]+|%")
# Commas that group thousands; a decimal comma has another number of digits behind it.
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_ELLIPSIS = re.compile(r"\s*(?:…|\.{3,}|\[\s*(?:…|\.{3})\s*\])\s*")
# In letters. Below four, too many words are a slip of each other ("app", "api"); from nine on two slips leave no doubt.
SHORTEST_TYPO, SHORT, LONG = 4, 5, 9
NEAR = 85.0  # of 100, where a mended quote is looked for; each of its words is looked at afterwards


@dataclass(frozen=True, slots=True)
class Words:
    """`keys` are the words, `spans` their places in the text, `joined` the keys with one blank
    before, between and after them."""

    keys: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    joined: str

    @property
    def countable(self) -> tuple[str, ...]:
        """The keys, with a mark on what is inside of a name: the "t" of "two t3.medium" is no unit
        and its 3 is no number. Behind an x it is one: "x3"."""
        keys = list(self.keys)
        for index in range(1, len(keys)):
            before, key = self.keys[index - 1], self.keys[index]
            glued = self.spans[index - 1][1] == self.spans[index][0]
            if glued and _is_name(before) and key[0].isdecimal():
                keys[index - 1], keys[index] = f"{before}#", f"#{key}"
        return tuple(keys)

    def place(self, keys: Sequence[str]) -> int:
        """The index of the first word where these words stand in a row, or -1."""
        if not keys:
            return -1
        found = self.joined.find(f" {' '.join(keys)} ")
        return -1 if found < 0 else self.joined.count(" ", 0, found)


@lru_cache(maxsize=64)
def words_of(text: str) -> Words:
    found = list(_WORD.finditer(text))
    keys = tuple(_key(match.group()) for match in found)
    return Words(keys, tuple(match.span() for match in found), f" {' '.join(keys)} ")


# The catalog has some ten thousand spellings; each is taken apart once.
@lru_cache(maxsize=32_768)
def keys_of(spelling: str) -> tuple[str, ...]:
    """The words of a spelling, which is short and looked for again and again."""
    return tuple(map(_key, _WORD.findall(spelling)))


def pieces(quote: str) -> list[Words]:
    """The parts of a quote that leaves something out ("a database … with 200 GB")."""
    parts = [words_of(part) for part in _ELLIPSIS.split(quote)]
    return [part for part in parts if part.keys]


def near(text: Words, quote: Words, known: frozenset[str]) -> int:
    """Where the quote stands but for slips of the pen, or -1. Digits are never mended, nor words of
    the text that are `known` as they are."""
    size = len(quote.keys)
    if len(quote.joined) <= SHORTEST_TYPO or size > len(text.keys):
        return -1
    # Fuzzy search only says where to look; which words are slips is decided word by word.
    window = fuzz.partial_ratio_alignment(quote.joined, text.joined, score_cutoff=NEAR)
    if window is None:
        return -1
    first = text.joined.count(" ", 0, window.dest_start + 1) - 1
    for start in (first, first - 1, first + 1):
        there = text.keys[max(start, 0) : start + size]
        if start >= 0 and len(there) == size and alike(there, quote.keys, known):
            return start
    return -1


def alike(said: Sequence[str], meant: Sequence[str], known: frozenset[str]) -> bool:
    """Word by word the same, or a slip on either side."""
    return all(
        one == other or is_slip(one, other, known) or is_slip(other, one, known)
        for one, other in zip(said, meant, strict=True)
    )


def is_slip(said: str, meant: str, known: frozenset[str]) -> bool:
    """One slip, or two in a long word, and the first letter is right; a very short word and a word
    that exists is meant as it stands. In a short word no letter stands for another one."""
    shorter = min(len(said), len(meant))
    if shorter < SHORTEST_TYPO or said in known or said[0] != meant[0]:
        return False
    if not (said.isalpha() and meant.isalpha()):
        return False
    # "node" is no slip of "mode", and "ndoe" is one of "node".
    if shorter < SHORT and len(said) == len(meant) and sorted(said) != sorted(meant):
        return False
    most = 2 if shorter >= LONG else 1
    return OSA.distance(said, meant, score_cutoff=most) <= most


def _key(word: str) -> str:
    """ "Producción" → "produccion", "1,000" → "1000"."""
    if word.isascii():
        return word.replace(",", "") if _GROUPED.fullmatch(word) else word.lower()
    folded = unicodedata.normalize("NFKC", word).casefold()
    return "".join(map(_unmarked, folded))


def _unmarked(letter: str) -> str:
    base = unicodedata.normalize("NFD", letter)[:1]
    return base if base.isascii() else letter


def _is_name(letters: str) -> bool:
    """Scripts without blanks write numbers right behind words."""
    return letters.isascii() and letters.isalpha() and letters != "x"

"""Phrases of several words, found longest first in one pass."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

from provisioning.adapters.rules.tokens import keys

Entry = TypeVar("Entry")
_END = "\0"


class Phrases(Generic[Entry]):
    """Each phrase may have several entries. `words` are all the words that occur in a phrase, `written` those that do not
    only come of writing two as one ("fileshare")."""

    def __init__(self, phrases: Iterable[tuple[str, Entry]] = ()) -> None:
        self._root: dict[str, Any] = {}
        self.words: set[str] = set()
        self.written: set[str] = set()
        for phrase, entry in phrases:
            self.add(phrase, entry)

    def add(self, phrase: str, entry: Entry) -> None:
        words = keys(phrase)
        if words:
            self.written.update(words)
            self._insert(words, entry)
        if len(words) == 2 and all(len(word) > 1 for word in words):
            self._insert(("".join(words),), entry)

    def _insert(self, words: tuple[str, ...], entry: Entry) -> None:
        node = self._root
        for word in words:
            self.words.add(word)
            node = node.setdefault(word, {})
        entries = node.setdefault(_END, [])
        if entry not in entries:
            entries.append(entry)

    def ends(self, words: Sequence[str], start: int) -> Iterator[tuple[int, list[Entry]]]:
        """Every phrase that begins at `start`: where it ends (exclusive) and its entries; the longest comes last."""
        node: dict[str, Any] = self._root
        for index in range(start, len(words)):
            node = node.get(words[index], {})
            if not node:
                return
            if _END in node:
                yield index + 1, node[_END]

    def longest(
        self, words: Sequence[str], start: int, keep: Callable[[Entry], bool] = lambda entry: True
    ) -> tuple[int, list[Entry]]:
        """The longest phrase with an entry that `keep` accepts; (start, []) where there is none."""
        best: tuple[int, list[Entry]] = (start, [])
        for end, entries in self.ends(words, start):
            kept = [entry for entry in entries if keep(entry)]
            if kept:
                best = (end, kept)
        return best

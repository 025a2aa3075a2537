"""Where quoted words stand in a text, however they were written down."""

from dataclasses import dataclass

from provisioning.catalog import Catalog
from provisioning.catalog.plain import Words, near, pieces, words_of
from provisioning.catalog.spellings import known_words

# A longer quote points at nothing: with the whole text for a quote every value would be said somewhere in it.
MOST_WORDS = 20
COMPARISONS = frozenset("<>=≤≥")


@dataclass(frozen=True, slots=True)
class Passage:
    """The words from `first` up to `last` of a text."""

    text: str
    words: Words
    first: int
    last: int

    @property
    def keys(self) -> tuple[str, ...]:
        return self.words.keys[self.first : self.last]

    @property
    def countable(self) -> tuple[str, ...]:
        return self.words.countable[self.first : self.last]

    @property
    def span(self) -> tuple[int, int]:
        return self.words.spans[self.first][0], self.words.spans[self.last - 1][1]

    @property
    def raw(self) -> str:
        start, end = self.span
        return self.text[start:end]


def passages(catalog: Catalog, text: str, quote: str) -> list[Passage]:
    """Where the parts of a quote stand, in their order; none where a part stands nowhere."""
    words = words_of(text)
    parts = pieces(quote)
    if not parts:
        return _around(text, words, quote.strip())
    if sum(len(part.keys) for part in parts) > MOST_WORDS:
        return []
    found: list[Passage] = []
    for part in parts:
        place = words.place(part.keys)
        if place < 0:
            # A model mends a slip of the pen while it quotes.
            place = near(words, part, known_words(catalog))
        # One part that is made up is enough to disbelieve the whole quote.
        if place < 0 or (found and place < found[-1].last):
            return []
        found.append(Passage(text, words, place, place + len(part.keys)))
    return found


def _around(text: str, words: Words, mark: str) -> list[Passage]:
    """A quote without words (">") is the words beside it."""
    place = text.find(mark) if mark and set(mark) <= COMPARISONS else -1
    before = [index for index, span in enumerate(words.spans) if span[1] <= place]
    if not before:
        return []
    return [Passage(text, words, before[-1], min(before[-1] + 2, len(words.keys)))]

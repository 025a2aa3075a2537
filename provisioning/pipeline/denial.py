"""Whether a text denies what it names: "no multi-AZ", "not a public one", "FIFO: off", "don't skip the snapshot"."""

from collections.abc import Sequence

from provisioning.catalog import Catalog
from provisioning.catalog.spellings import role_phrases
from provisioning.pipeline.passage import Passage

# Words that may stand between a negation and what it denies.
BETWEEN = frozenset({"a", "an", "any", "the", "be", "is", "it", "to", "make", "made", "have"})
INSIDE_OF_A_CLAUSE = "-*`'\u2019\"“ \t\n"
# In words: "in no way whatsoever" has four.
LONGEST = 5
Phrases = frozenset[tuple[str, ...]]


def is_denied(catalog: Catalog, passage: Passage, place: tuple[int, int]) -> bool:
    """`place` is where in the passage the thing is named. A second negation takes the first one back."""
    negations = role_phrases(catalog, "negation")
    behind = role_phrases(catalog, "negation_after") | negations
    first, last = passage.first + place[0], passage.first + place[1]
    # "FIFO: off": what is said behind the name is about it whatever stands before.
    if _contains(passage.words.keys[last : passage.last], behind):
        return True
    inside = passage.words.keys[passage.first : first]
    ending = _count(inside, negations)
    if ending:
        return ending % 2 == 1
    if _contains(inside, negations):
        return True
    # A quote may begin behind the word that turns it round.
    return _count(_before(passage, first), negations) % 2 == 1


def _contains(keys: Sequence[str], phrases: Phrases) -> bool:
    for start in range(len(keys)):
        for size in range(1, LONGEST + 1):
            if tuple(keys[start : start + size]) in phrases:
                return True
    return False


def _count(keys: Sequence[str], negations: Phrases) -> int:
    """How many negations stand in a row at the end: two of them in "don't skip the"."""
    rest, count = list(keys), 0
    while rest:
        size = _ending(rest, negations)
        if size == 0 and rest[-1] not in BETWEEN:
            break
        count += size > 0
        del rest[len(rest) - max(size, 1) :]
    return count


def _ending(keys: Sequence[str], negations: Phrases) -> int:
    """The size of the longest negation that they end with."""
    for size in range(min(LONGEST, len(keys)), 0, -1):
        if tuple(keys[-size:]) in negations:
            return size
    return 0


def _before(passage: Passage, index: int) -> list[str]:
    """The words right before, as far as no mark parts them; part of an identifier is no word."""
    spans, text, found = passage.words.spans, passage.text, list[str]()
    while index > 0 and len(found) < LONGEST + 2:
        start, end = spans[index - 1]
        if text[end : spans[index][0]].strip(INSIDE_OF_A_CLAUSE) or text[max(0, start - 1)] in "_.":
            break
        index -= 1
        found.insert(0, passage.words.keys[index])
    return found

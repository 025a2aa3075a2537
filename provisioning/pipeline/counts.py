"""How many of a thing are wanted, and which words say so."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from provisioning.catalog import Catalog
from provisioning.catalog.plain import words_of
from provisioning.catalog.quantities import Quantity, quantities, vocabulary_of
from provisioning.catalog.spellings import place_of
from provisioning.domain import SINGLE, Origin, ReadResource, Value
from provisioning.pipeline.passage import Passage, passages

# "three small private buckets": so many words may stand between a count and what it counts.
WORDS_BETWEEN = 3


def merged(resources: Sequence[ReadResource]) -> list[ReadResource]:
    """Entries that differ in nothing are one entry with their number, however a parser wrote them down."""
    counted: dict[ReadResource, ReadResource] = {}
    for resource in resources:
        key = replace(resource, count=1, count_quote="")
        seen = counted.get(key)
        total = resource.count + (seen.count if seen else 0)
        quote = resource.count_quote or (seen.count_quote if seen else "")
        counted[key] = replace(resource, count=total, count_quote=quote)
    return list(counted.values())


def count_of(catalog: Catalog, text: str, resource: ReadResource) -> Value | None:
    """The count with the words that say it; None where no words do."""
    # One is what nobody has to say.
    if resource.count == 1:
        return SINGLE
    for passage in _counting(catalog, text, resource):
        words = " ".join(passage.raw.split())
        return Value(resource.count, Origin("text", words, *passage.span))
    return None


def _counting(catalog: Catalog, text: str, resource: ReadResource) -> Iterator[Passage]:
    """Right before what it counts; inside of the quote where there is one. "20 users" count no queues."""
    words = words_of(text)
    places = passages(catalog, text, resource.count_quote)
    if not resource.count_quote and words.keys:
        places = [Passage(text, words, 0, len(words.keys))]
    for place in places:
        for number in _numbers(catalog, place):
            first, last = place.first + number.first, place.first + number.last
            behind = words.countable[last : last + WORDS_BETWEEN + 1]
            counts = _counts(behind, number, resource.count)
            if counts and _names(catalog, resource.type, behind):
                yield Passage(text, words, first, last)


def _numbers(catalog: Catalog, passage: Passage) -> list[Quantity]:
    return quantities(passage.countable, vocabulary_of(catalog.folders, catalog.digest))


def _counts(behind: Sequence[str], number: Quantity, count: int) -> bool:
    """ "10x traffic" and "3 GB" count nothing."""
    return count in number.values and not number.units and behind[:1] != ("x",)


def _names(catalog: Catalog, type_name: str, keys: Sequence[str]) -> bool:
    file = catalog.types[type_name].file
    spellings = [file.title, *file.synonyms, *file.weak_synonyms]
    return any(place_of(keys, spelling) for spelling in spellings)

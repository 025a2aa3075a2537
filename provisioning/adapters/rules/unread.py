"""What a text states and nothing was made of: said in a note, so that nothing is lost in silence."""

from collections.abc import Collection, Iterable, Iterator

from provisioning.adapters.rules.amounts import Amount
from provisioning.adapters.rules.assigned import left_over
from provisioning.adapters.rules.certainty import Certainty
from provisioning.adapters.rules.otherwise import counts_otherwise
from provisioning.adapters.rules.page import NUMERIC, Page
from provisioning.adapters.rules.values import Values
from provisioning.adapters.rules.vocabulary import Meaning

STATED = frozenset({"arn", "url", "email", "network", "path", "schedule", "image"})
MOST, LONGEST = 5, 80


def unread(page: Page, said: Values, sure: Certainty) -> tuple[str, ...]:
    """One sentence, or none."""
    places = {*_amounts(page, said.read), *_literals(page, said.read), *_names(page, said)}
    places = {place for place in places if not _inside(place, sure.name)}
    places.update(sure.unused if sure.notable() else ())
    lost = [*left_over(page), *(page.quoted(*place) for place in _outermost(places))]
    told = _shortened(lost)
    quoted = ", ".join(map(repr, told))
    return (
        (f"Not understood, and so not used: {quoted}. Name the parameter that it is meant for.",)
        if told
        else ()
    )


def _shortened(lost: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words[:LONGEST] for words in lost))[:MOST]


def _inside(place: tuple[int, int], name: tuple[int, int] | None) -> bool:
    return name is not None and name[0] <= place[0] and place[1] <= name[1]


def _outermost(places: Collection[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Without those that lie inside of another."""
    reached = -1
    for first, last in sorted(places, key=lambda place: (place[0], -place[1])):
        if last > reached:
            yield first, last
        reached = max(reached, last)


def _amounts(page: Page, read: frozenset[int]) -> Iterator[tuple[int, int]]:
    for amount in page.amounts:
        span = range(amount.first, amount.last)
        if (
            read.isdisjoint(span)
            and not _is_aside(page, amount)
            and not counts_otherwise(page, amount)
        ):
            yield amount.first, amount.last


def _is_aside(page: Page, amount: Amount) -> bool:
    """A lone number in words ("one queue") and what is inside of a word or phrase ("ec2") say nothing of their own."""
    start = page.atoms[amount.first].start
    plain = not amount.units and not amount.written[:1].isdecimal()
    plain |= page.text[max(0, start - 1) : start].isalpha()
    return (
        plain
        or amount.unit == amount.first
        or amount.first in page.covered
        or _given_up(page, amount.first)
    )


def _literals(page: Page, read: frozenset[int]) -> Iterator[tuple[int, int]]:
    for index, atom in enumerate(page.atoms):
        written = atom.kind == "name" and index not in page.covered
        dotted = written and (
            "." in atom.key or "_" in atom.key
        )  # "m7i.large/m6i.large", "purge_at"
        if (atom.kind in STATED or dotted) and index not in read and not _given_up(page, index):
            yield index, index + 1


def _names(page: Page, said: Values) -> Iterator[tuple[int, int]]:
    """ "maintenance whenever you like": a parameter of words that is named and got no value."""
    claimed = {
        (owner, value.name)
        for owner, things in said.values.items()
        for thing in things
        for value in thing
    }
    for index, mention in enumerate(page.found):
        own = [meaning for meaning in mention.of("name") if meaning.subject in page.wanted.types]
        plain = (
            own
            and not mention.of("type", "weak", "environment", "value")
            and page.scope.covers(index)
        )
        if plain and all(
            _is_of_words(page, one) and (one.subject, one.path) not in claimed for one in own
        ):
            yield mention.first, _clause_end(page, mention.last)


def _is_of_words(page: Page, meaning: Meaning) -> bool:
    field = page.field(meaning)
    return field is not None and field.type not in {*NUMERIC, "boolean"}


def _clause_end(page: Page, last: int) -> int:
    clause = page.scope.clause[last - 1]
    while last < len(page.atoms) and page.scope.clause[last] == clause:
        last += 1
    return last


def _given_up(page: Page, index: int) -> bool:
    return index >= page.scope.aside.get(page.scope.clause[index], len(page.atoms))

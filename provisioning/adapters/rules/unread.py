"""What a text states and nothing was made of: said in a note, so that nothing is lost in silence."""

from collections.abc import Iterator

from provisioning.adapters.rules.amounts import Amount
from provisioning.adapters.rules.numbers import counts_otherwise
from provisioning.adapters.rules.page import Page

STATED = frozenset({"arn", "url", "email", "network", "path", "schedule"})
MOST = 5


def unread(page: Page, read: frozenset[int], name: str) -> tuple[str, ...]:
    """One sentence, or none. `read` are the atoms of values."""
    places = sorted({*_amounts(page, read), *_literals(page, read)})
    words = list(dict.fromkeys(_words(page, first, last) for first, last in places))
    told = [word for word in words if word not in name][:MOST]
    quoted = ", ".join(repr(word) for word in told)
    return (f"Not understood, and so not used: {quoted}. Name the parameter that it is meant for.",) if told else ()


def _amounts(page: Page, read: frozenset[int]) -> Iterator[tuple[int, int]]:
    for amount in page.amounts:
        span = range(amount.first, amount.last)
        if read.isdisjoint(span) and not _is_aside(page, amount) and not counts_otherwise(page, amount):
            yield amount.first, amount.last


def _is_aside(page: Page, amount: Amount) -> bool:
    """A lone number in words ("one queue") and what is inside of a word or phrase ("ec2") say nothing of their own."""
    start = page.atoms[amount.first].start
    plain = not amount.units and not amount.written[:1].isdecimal()
    plain |= page.text[max(0, start - 1) : start].isalpha()
    return plain or amount.unit == amount.first or amount.first in page.covered or _given_up(page, amount.first)


def _literals(page: Page, read: frozenset[int]) -> Iterator[tuple[int, int]]:
    for index, atom in enumerate(page.atoms):
        if atom.kind in STATED and index not in read and not _given_up(page, index):
            yield index, index + 1


def _given_up(page: Page, index: int) -> bool:
    return index >= page.scope.aside.get(page.scope.clause[index], len(page.atoms))


def _words(page: Page, first: int, last: int) -> str:
    atoms = page.atoms[first:last]
    return page.text[atoms[0].start : max(atom.end for atom in atoms)][:80]

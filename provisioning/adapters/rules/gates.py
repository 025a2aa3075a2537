"""What always asks for confirmation, however well the rest of a text was read: each a sentence for the requester."""

from collections.abc import Callable, Iterator, Set

from provisioning.adapters.rules.bare import TIMES, is_count
from provisioning.adapters.rules.operations import is_told_to_be
from provisioning.adapters.rules.page import Page

DENYING = frozenset({"negation", "discarded", "past", "reference"})
DENIED_WITHIN = 6  # atoms, as far as a negation reaches elsewhere
SPELLED = 4  # shorter words are slips and abbreviations ("kye", "svc")
UNDECIDED = "{words!r} sounds as if it was not decided yet."
EXISTING = "The text seems to say what something that exists is to be."
TIMES_WHAT = "{words!r} may be a number of things or say how much more of something."
PART = "{words!r} may mean a part of something, not the thing itself."
TAKEN_BACK = "{words!r} is assigned, and the words before it may take it back."
LEFT_OUT = "The text also speaks of {words!r}, and nothing is made of it."


def gate(page: Page, unused: Set[int]) -> str:
    """The first that holds, or an empty string. `unused` are the atoms that went into nothing."""
    readers: tuple[Callable[[Page, Set[int]], Iterator[str]], ...] = (
        _undecided,
        _existing,
        _times,
        _part,
        _left_out,
        _taken_back,
    )
    for reader in readers:
        for sentence in reader(page, unused):
            return sentence
    return ""


def _undecided(page: Page, _unused: Set[int]) -> Iterator[str]:
    for mention in page.found:
        if "conditional" in mention.roles():
            yield UNDECIDED.format(words=page.quoted(mention.first, mention.last))


def _existing(page: Page, _unused: Set[int]) -> Iterator[str]:
    if is_told_to_be(page.atoms, page.found, page.scope) or _is_for_existing(page):
        yield EXISTING


def _is_for_existing(page: Page) -> bool:
    """ "a read replica for the bookings postgres": what is wished for is no type, and the only type is pointed at."""
    nouns = [noun for found in page.wanted.anchors.values() for noun in found]
    if len(nouns) != 1:
        return False
    before = [one for one in page.around(0, nouns[0].first) if one.last <= nouns[0].first]
    purposes = [place for place, one in enumerate(before) if "purpose" in one.roles()]
    if not purposes:
        return False
    pointed = any("definite" in one.roles() for one in before[purposes[-1] :])
    named = [one for one in before[: purposes[0]] if one.of("name", "value")]
    return pointed and bool(named) and not any(one.of("environment") for one in named)


def _times(page: Page, _unused: Set[int]) -> Iterator[str]:
    """ "ECS prod 8x of the tracker"; but "6x m7i.xlarge" and "2x queues" count what stands behind."""
    for amount in page.amounts:
        behind = amount.last + 1
        counted = page.kind_at(behind) in {"name", "number"} or behind in page.covered
        if page.key_at(amount.last) == TIMES and is_count(page, amount) and not counted:
            yield TIMES_WHAT.format(words=page.quoted(amount.first, behind))


def _part(page: Page, unused: Set[int]) -> Iterator[str]:
    """ "lambda layer": an unexplained word right behind the type's."""
    for nouns in page.wanted.anchors.values():
        for noun in nouns:
            if noun.strong | noun.soft and noun.last in unused and _is_spoken(page, noun.last):
                yield PART.format(words=page.quoted(noun.first, noun.last + 1))


def _is_spoken(page: Page, place: int) -> bool:
    """A word of a sentence: no compound, nothing in quotes, no adjective behind its noun."""
    atom = page.atoms[place]
    quoted = page.text[atom.start - 1 : atom.start] in {'"', "'", "`"}
    typo = len(atom.key) < SPELLED or page.vocabulary.typos.correct(atom.key) is not None
    return atom.kind == "word" and not quoted and not typo and not atom.key.endswith("ed")


def _left_out(page: Page, unused: Set[int]) -> Iterator[str]:
    for first, last in page.others:
        if first in unused:
            yield LEFT_OUT.format(words=page.quoted(first, last))


def _taken_back(page: Page, _unused: Set[int]) -> Iterator[str]:
    """ "but not allocated_storage_gb = 200": its name is no word of the text, so no negation reaches it."""
    for one in page.assigned:
        span = page.atoms_between(one.sign, one.sign + 1)
        if span and _denies_before(page, span[0]):
            yield TAKEN_BACK.format(words=page.text[one.start : one.end])


def _denies_before(page: Page, sign: int) -> bool:
    clause = page.scope.clause
    return any(
        one.last <= sign and clause[one.first] == clause[sign] and one.roles() & DENYING
        for one in page.around(sign, DENIED_WITHIN)
    )

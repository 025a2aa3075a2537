"""What a text calls the application, or says the resource is for."""

from collections.abc import Iterator
from itertools import islice, pairwise

from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.name_words import (
    MOST_WORDS,
    QUOTES,
    is_compared,
    key_at,
    may_name,
    phrase,
)
from provisioning.adapters.rules.page import Page
from provisioning.catalog import names

_REFERRING = grammar("referring")

PLAIN_WORDS = 3
FEW = 10
INTRODUCING = grammar("parts of an introduction")


def application(page: Page, covered: frozenset[int]) -> str:
    """The first that applies: a name that is introduced as one, the word before "app" or "service", what the resource is for, a
    compound, a word between marks, and in a text without sentences a word that nothing else explains. "" when there is none."""
    span = name_span(page, covered)
    return _text(page, *span) if span else ""


def name_span(page: Page, covered: frozenset[int]) -> tuple[int, int] | None:
    return next(_spans(page, covered), None)


def applications(page: Page, covered: frozenset[int], count: int) -> list[str]:
    """One for each of so many ("three queues for orders, payments and refunds"), where a list has as many; else all the same."""
    if count == 1:
        return [application(page, covered)]
    lists = (
        list(islice(_list(page, covered, *start), count + 1)) for start in _spans(page, covered)
    )
    listed = [_text(page, *span) for span in next((found for found in lists if len(found) > 1), [])]
    told_apart = len({names.slug(name) for name in listed} - {""}) == len(listed) == count
    return listed if told_apart else [application(page, covered)] * count


def _spans(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    said = (_introduced, _before_noun, _compound_alone, _purpose, _compound)
    left_over = (_alone, _unexplained, _behind_type, _noun)
    for reader in (*said, *left_over):
        yield from (span for span in reader(page, covered) if names.slug(_text(page, *span)))


def _list(page: Page, covered: frozenset[int], first: int, last: int) -> Iterator[tuple[int, int]]:
    """The words from `first` to `last`, and all that commas and conjunctions join to them."""
    span: tuple[int, int] | None = (first, last)
    while span is not None:
        yield span
        place = span[1]
        while place < len(page.atoms) and (
            page.atoms[place].key == "," or "joining" in page.roles_at(place)
        ):
            place += 1
        span = next(phrase(page, place, covered), None) if place > span[1] else None


def _text(page: Page, first: int, last: int) -> str:
    return page.text[page.atoms[first].start : max(atom.end for atom in page.atoms[first:last])]


def _introduced(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """ "called orion", "app is attribution", "name: ledger"."""
    for mention in page.found:
        if "naming" not in mention.roles():
            continue
        place = mention.last
        sign = False
        while place < len(page.atoms) and (
            page.atoms[place].key in {":", "=", "is"} or page.atoms[place].key in QUOTES
        ):
            sign, place = True, place + 1
        words = _text(page, mention.first, mention.last).casefold()
        compound = (
            place < len(page.atoms) and page.atoms[place].kind == "name"
        )  # "app flight-seats"
        if sign or compound or any(word in words for word in INTRODUCING):
            yield from phrase(page, place, covered)


def _before_noun(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """ "the karaoke app", "the team of logistics", "payments API"; the last words before the noun."""
    for mention in sorted(
        page.found, key=lambda mention: "not_a_place" in mention.roles()
    ):  # a team's name comes last
        roles = mention.roles()
        if not roles & {"name_noun", "name_noun_kept"} or is_compared(page, mention.first):
            continue
        linked = key_at(page, mention.last)  # "le service des abonnements"
        if linked == "of" or (linked == "for" and "name_noun" in roles):
            yield from phrase(page, mention.last + 1, covered)
        first = mention.first
        while (
            first > 0 and mention.first - first < PLAIN_WORDS and may_name(page, first - 1, covered)
        ):
            first -= 1
        if first < mention.first:
            yield first, mention.last if "name_noun_kept" in roles else mention.first


def _purpose(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """ "for chat messages"; "for prod" says no purpose."""
    for mention in page.found:
        theirs = key_at(page, mention.last) in _REFERRING
        if "purpose" in mention.roles() and not theirs and not is_compared(page, mention.first):
            yield from phrase(page, mention.last, covered)


def _compound(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    for index, atom in enumerate(page.atoms):
        plain = "." not in atom.key and "@" not in atom.key and "/" not in atom.key
        if (
            atom.kind == "name"
            and plain
            and index not in covered
            and not _value_of_key(page, index)
        ):
            yield index, index + 1


def _compound_alone(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """ "a bucket for the results; sandbox; heart-rate": a compound between marks."""
    for first, last in _compound(page, covered):
        if all(
            not 0 <= i < len(page.atoms) or page.atoms[i].kind == "mark" for i in (first - 1, last)
        ):
            yield first, last


def _value_of_key(page: Page, index: int) -> bool:
    """ "key card_id" names a column."""
    return "_" in page.atoms[index].key


def _alone(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """ ", newsroom, ": a word between marks that nothing else explains."""
    marks = [
        -1,
        *(index for index, atom in enumerate(page.atoms) if atom.kind == "mark"),
        len(page.atoms),
    ]
    for left, right in pairwise(marks):
        if right - left == 2 and may_name(page, left + 1, covered):
            yield left + 1, right


def _unexplained(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    free = [
        index
        for index in range(len(page.atoms))
        if may_name(page, index, covered) and not is_compared(page, index)
    ]
    if not free or (len(page.atoms) > 14 and len(free) > PLAIN_WORDS) or len(free) > MOST_WORDS + 2:
        return
    runs: list[tuple[int, int]] = []
    for index in free:
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    yield from sorted(runs, key=lambda run: -run[0])


def _behind_type(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """ "sns topic alerts in prod": a plural right behind the type, though it could switch a parameter on."""
    ends = {noun.last for nouns in page.wanted.anchors.values() for noun in nouns if noun.strong}
    for mention in page.found:
        one = (
            mention.first in ends
            and mention.last - mention.first == 1
            and not mention.of("type", "environment")
        )
        if one and _text(page, mention.first, mention.last).endswith("s") and mention.of("name"):
            yield mention.first, mention.last


def _noun(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """ "ecs staging api": in a few words without a name its own noun is one."""
    for mention in page.found if len(page.atoms) <= FEW else ():
        if (
            "name_noun_kept" in mention.roles()
            and not mention.content
            and mention.first not in covered
        ):
            yield mention.first, mention.last

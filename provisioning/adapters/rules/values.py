"""All values of a text, per resource type, with one value for each parameter or a question about it."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from provisioning.adapters.rules.amounts import Amount
from provisioning.adapters.rules.apart import apart
from provisioning.adapters.rules.assigned import assigned
from provisioning.adapters.rules.bare import is_count
from provisioning.adapters.rules.literals import literals
from provisioning.adapters.rules.numbers import numbers
from provisioning.adapters.rules.page import Claim, Page
from provisioning.adapters.rules.schedules import schedules
from provisioning.adapters.rules.structured import structured
from provisioning.adapters.rules.words import spoken_values
from provisioning.domain import Question, ReadValue


class Values(NamedTuple):
    """`values` has for each type one entry for each thing that differs from the others ("a Postgres and a MySQL"); `counts`
    tells how many of a type are wanted where the text says so; `covered` are the atoms of values, `read` those and all that
    stand between them."""

    values: Mapping[str, Sequence[tuple[ReadValue, ...]]]
    questions: tuple[Question, ...]
    counts: Mapping[str, int]
    covered: frozenset[int]
    read: frozenset[int]

    def of_each(self, type_name: str) -> Sequence[tuple[ReadValue, ...]]:
        things = self.values[type_name]
        return list(things) * self.counts.get(type_name, 1) if len(things) == 1 else things


def values(page: Page, answers: Mapping[str, str], elsewhere: Collection[int] = ()) -> Values:
    claims, left, used = numbers(page)
    free = {amount.first for amount in left}
    taken = {
        atom
        for amount in page.amounts
        if amount.first not in free
        for atom in range(amount.first, amount.last)
    }
    claims = [
        *_by("number", claims),
        *_by("words", spoken_values(page, used)),
        *_by("written value", literals(page, taken)),
        *_by("recurring time", schedules(page)),
    ]
    pairs = [*_by("assignment", assigned(page)), *_by("pair", structured(page))]
    claims = _pairs_first(pairs, claims)
    claims = [claim for claim in claims if claim.first not in elsewhere]
    chosen: dict[str, list[tuple[ReadValue, ...]]] = {}
    questions: list[Question] = []
    for owner in page.wanted.types:
        own = [claim for claim in claims if claim.type == owner]
        settled = [_settled(page, part) for part in apart(page, own, answers)]
        chosen[owner] = [found for found, _ in settled]
        questions += [
            question for _, asked in settled for question in asked if question.id not in answers
        ]
    read = {place for claim in claims for place in range(claim.first, claim.last)}
    counting = [amount for amount in left if amount.first not in read and _counts(page, [amount])]
    counted = {place for amount in counting for place in range(amount.first, amount.last)}
    return Values(
        chosen,
        tuple(questions),
        _counts(page, counting),
        frozenset(taken | {place for claim in claims for place in (claim.first, claim.last - 1)}),
        frozenset(taken | read | counted),
    )


def _by(rule: str, claims: Iterable[Claim]) -> Iterator[Claim]:
    return (replace(claim, rule=rule) for claim in claims)


def _pairs_first(pairs: Sequence[Claim], claims: Sequence[Claim]) -> list[Claim]:
    """What stands inside of a pair that was understood as one says nothing else."""
    inside = {place for pair in pairs for place in range(pair.first, pair.last)}
    others = [claim for claim in claims if not inside.issuperset(range(claim.first, claim.last))]
    return [*pairs, *others]


def _settled(page: Page, claims: Sequence[Claim]) -> tuple[tuple[ReadValue, ...], list[Question]]:
    found, questions = [], []
    for (owner, path), group in _grouped(claims).items():
        kept = _newest(page, [claim for claim in group if claim.stands])
        question = _conflict(page, owner, path, kept)
        if question:
            questions.append(question)
        if kept:
            found.append(_proposed(page, path, kept))
    return tuple(found), questions


def _proposed(page: Page, path: str, kept: Sequence[Claim]) -> ReadValue:
    last = kept[-1]
    return ReadValue(path, _value(kept), page.text[last.start : last.end], last.rule)


def _grouped(claims: Sequence[Claim]) -> dict[tuple[str, str], list[Claim]]:
    grouped: dict[tuple[str, str], list[Claim]] = {}
    for claim in sorted(claims, key=lambda claim: claim.first):
        grouped.setdefault((claim.type, claim.path), []).append(claim)
    return grouped


def _newest(page: Page, claims: list[Claim]) -> list[Claim]:
    """What stands after a correction ("actually 9") replaces what stood before it."""
    last = max((claim.first for claim in claims), default=-1)
    place = bisect_right(page.scope.corrections, last) - 1
    if place < 0:
        return claims
    return [claim for claim in claims if claim.first >= page.scope.corrections[place]]


def _value(claims: Sequence[Claim]) -> str | int | float | bool | tuple[str, ...] | None:
    if isinstance(claims[0].value, tuple):
        return tuple(
            dict.fromkeys(
                item for claim in claims if isinstance(claim.value, tuple) for item in claim.value
            )
        )
    return claims[-1].value


def _conflict(page: Page, owner: str, path: str, claims: Sequence[Claim]) -> Question | None:
    different = list(dict.fromkeys(str(claim.value) for claim in claims))
    if len(different) < 2 or isinstance(claims[0].value, tuple):
        return None
    field = page.vocabulary.catalog.types[owner].field(path)
    title = field.title if field else path
    words = {"True": "yes", "False": "no"}
    choices = tuple(words.get(value, value) for value in different)
    return Question(
        f"{owner}.{path}",
        f"{title}: the text says both {' and '.join(choices)}. Which one?",
        choices,
    )


def _counts(page: Page, left: Sequence[Amount]) -> dict[str, int]:
    """ "3 queues": a whole number right before a type and of no parameter."""
    counts: dict[str, int] = {}
    for amount in left:
        if (
            not amount.units
            and amount.until is None
            and 2 <= amount.value <= 20
            and amount.value == int(amount.value)
        ):
            names = list(_types_behind(page, amount))
            if not names and is_count(page, amount):
                names = page.owners(set(page.wanted.types), amount.first, amount.last)[:1]
            counts.update(dict.fromkeys(names, int(amount.value)))
    return counts


def _types_behind(page: Page, amount: Amount) -> Iterator[str]:
    for first, name in page.following(list(page.wanted.anchors), amount.last):
        between = page.atoms[amount.last : first]
        if len(between) <= 2 and all(atom.kind in {"word", "typo"} for atom in between):
            yield name
            return

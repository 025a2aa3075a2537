"""Which environments a text asks for."""

import itertools
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.page import Page
from provisioning.domain import Question, Submission

REACH = 2
BETWEEN = grammar("between environments")
ENDS = frozenset({".", "\n", "!", "?", ";"})


class SpokenEnvironment(NamedTuple):
    environment: str
    quote: str
    first: int


def environments(
    page: Page, submission: Submission
) -> tuple[list[SpokenEnvironment], Question | None]:
    """Several are several resources each ("dev and prod"); two that do not go together are a question, unless a field or an
    answer settles it."""
    certain = _not_people(page, _outside_purposes(page, _said(page, page.scope.covers)))
    chosen = _of_now(page, _corrected(page, certain)) or _said(
        page, lambda index: _only_told(page, index)
    )
    names = list(dict.fromkeys(said.environment for said in chosen))
    unique = [next(said for said in chosen if said.environment == name) for name in names]
    settled = submission.environment or submission.answers.get("environment")
    if settled:
        return [said for said in unique if said.environment == settled] or unique[:1], None
    if len(unique) > 1 and not _together(page, unique) and not _each_told(page, chosen):
        text = f"The text names {' and '.join(names)}. Which environment is it for?"
        return unique, Question("environment", text, tuple(names))
    return unique, None


def _said(page: Page, wanted: Callable[[int], bool]) -> list[SpokenEnvironment]:
    found = []
    for index, mention in enumerate(page.found):
        meanings = mention.of("environment")
        if (
            meanings
            and not _means_environment(page, index)
            and wanted(index)
            and not _says_whose(page, mention)
        ):
            quote = page.text[page.atoms[mention.first].start : page.atoms[mention.last - 1].end]
            found.append(SpokenEnvironment(meanings[0].subject, quote, mention.first))
    return found


def _means_environment(page: Page, index: int) -> bool:
    """ "dev stage", "Stage: prod"."""
    mention, before = page.found[index], page.found[index - 1] if index else None
    behind = page.by_first.get(mention.last + 1)
    sign = mention.last < len(page.atoms) and page.atoms[mention.last].key in {":", "="}
    if sign and behind is not None and page.found[behind].of("environment"):
        return True
    adjacent = (
        before is not None and before.last == mention.first and bool(before.of("environment"))
    )
    return adjacent and page.atoms[mention.first].key == "stage"


def _of_now(page: Page, said: list[SpokenEnvironment]) -> list[SpokenEnvironment]:
    """ "in prod we used to have 8; now one in staging": a clause that tells of the past says where that was."""
    return [one for one in said if page.scope.clause[one.first] not in page.scope.told] or said


def _outside_purposes(page: Page, said: list[SpokenEnvironment]) -> list[SpokenEnvironment]:
    """ "redis for the live scores in staging": a word of the purpose, where the place is said elsewhere."""
    return [one for one in said if not _begins_purpose(page, one.first)] or said


def _not_people(page: Page, said: list[SpokenEnvironment]) -> list[SpokenEnvironment]:
    """ "a bucket for staging where QA can drop files": who can or should something, where the place is said elsewhere."""
    ends = {page.found[page.by_first[one.first]].last: one for one in said}
    people = [one for last, one in ends.items() if "obligation" in page.roles_at(last)]
    return [one for one in said if one not in people] or said


def _begins_purpose(page: Page, first: int) -> bool:
    clause = page.scope.clause
    near = [
        place for place in range(max(0, first - REACH), first) if clause[place] == clause[first]
    ]
    mention = page.found[page.by_first[first]]
    plain = mention.last < len(page.atoms) and page.atoms[mention.last].kind == "word"
    follows = (
        plain
        and mention.last not in page.covered
        and not page.roles_at(mention.last) - {"infrastructure"}
    )
    return follows and any("purpose" in page.roles_at(place) for place in near)


def _only_told(page: Page, index: int) -> bool:
    return index not in page.scope.negated and index not in page.scope.discarded


def _says_whose(page: Page, mention: Mention) -> bool:
    """ "the development team", "the production planning team", "after the production incident"; but "prod payments team"."""
    place = mention.last
    pointed_at = mention.first > 0 and "definite" in page.roles_at(mention.first - 1)
    if pointed_at and place not in page.covered and not page.roles_at(place):
        place += 1
    return "not_a_place" in page.roles_at(place)


def _corrected(page: Page, said: list[SpokenEnvironment]) -> list[SpokenEnvironment]:
    last = max((one.first for one in said), default=-1)
    place = bisect_right(page.scope.corrections, last) - 1
    if place < 0:
        return said
    return [one for one in said if one.first >= page.scope.corrections[place]]


def _each_told(page: Page, said: Sequence[SpokenEnvironment]) -> bool:
    """ "in prod multi-AZ, in dev single": each is named once, in a part of the sentence with a value of its own."""
    if len({one.environment for one in said}) != len(said):
        return False
    ends = [one.first for one in said[1:]] + [sentence_end(page, said[-1].first)]
    return all(_tells(page, one, end) for one, end in zip(said, ends, strict=True))


def _tells(page: Page, one: SpokenEnvironment, end: int) -> bool:
    place = "preposition" in page.roles_at(one.first - 1) or page.key_at(one.first + 1) in {
        ":",
        "=",
    }
    mentions = (
        page.found[page.by_first[at]] for at in range(one.first + 1, end) if at in page.by_first
    )
    told = any(mention.of("name", "value") for mention in mentions)
    counted = any(page.amount_at(at) for at in range(one.first + 1, end))
    return place and (told or counted)


def sentence_end(page: Page, first: int) -> int:
    for place in range(first, len(page.atoms)):
        if page.atoms[place].key in ENDS:
            return place
    return len(page.atoms)


def elsewhere(
    page: Page, said: Sequence[SpokenEnvironment], own: SpokenEnvironment | None
) -> set[int]:
    """The atoms that say something of the other environments alone."""
    if len(said) < 2 or not _each_told(page, said):
        return set()
    ends = [one.first for one in said[1:]] + [sentence_end(page, said[-1].first)]
    spans = zip(said, ends, strict=True)
    return {at for one, end in spans if one is not own for at in range(one.first, end)}


def _together(page: Page, said: Sequence[SpokenEnvironment]) -> bool:
    """Joined by nothing but conjunctions, commas and articles."""
    for left, right in itertools.pairwise(said):
        between = [atom.key for atom in page.atoms[left.first + 1 : right.first]]
        if not set(between) <= BETWEEN:
            return False
    return True

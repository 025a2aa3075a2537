"""Numbers that nothing names."""

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from provisioning.adapters.rules.amounts import PARAMETER_UNITS, Amount
from provisioning.adapters.rules.bounds import limited
from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.page import NUMERIC, Claim, Page
from provisioning.catalog.format import FieldSpec

_BEFORE_A_PORT = grammar("before a port")

LINKS = 4
SIGHT = 40
SHORT_TEXT = 10
TIMES = "x"
_COUNT = re.compile(r"_count$|(?:^|\.)desired_\w+$")
_MACHINE = re.compile(r"(?:[a-z]+\.)?[a-z]\w*\.\w*(?:large|medium|small|micro|nano|metal)\b")


class Claims:
    """What numbers were found to say so far; `named` are the parameters, by type, whose numbers have them by name."""

    def __init__(self) -> None:
        self.all: list[Claim] = []
        self.named: dict[str, set[str]] = {}

    def add(self, page: Page, claims: Iterable[Claim]) -> None:
        for claim in claims:
            self.all.append(claim)
            if claim.stands and not _is_bare(page, claim):
                self.named.setdefault(claim.type, set()).add(claim.path)


def bare(page: Page, amount: Amount, claims: Claims) -> Iterator[Claim]:
    """It corrects an earlier one; or else the first parameter of its unit takes it, or without a unit it counts or is a port."""
    candidates = _corrected(page, amount, claims.all) or _of_its_kind(page, amount)
    if not candidates and amount.units:
        candidates = {
            name: path
            for name in page.wanted.types
            if (path := _first_of_unit(page, name, amount, claims))
        }
    elif not candidates:
        candidates = limited(page, amount) or _counted(page, amount) or _port(page, amount)
    for owner in page.owners(set(candidates), amount.first, amount.last)[:1]:
        path = candidates[owner]
        field: FieldSpec | None = page.vocabulary.catalog.types[owner].field(path)
        value = amount.in_unit_of(field, amount.value) if field else None
        yield page.claim(owner, path, value, (amount.first, amount.last))


def _of_its_kind(page: Page, amount: Amount) -> dict[str, str]:
    """ "ia after 30 days", "after a year everything moves to deep archive": transition_days beside a transition_class."""
    clause = page.scope.clause
    near = [
        mention
        for mention in page.around(amount.first, SIGHT)
        if mention.content and clause[mention.first] == clause[amount.first]
    ]
    before = [mention for mention in near if mention.last <= amount.first][-1:]
    beside = (
        before
        if before and before[0].of("value")
        else [one for one in near if one.first >= amount.last][:1]
    )
    stems = {
        (one.subject, one.path.rpartition("_")[0])
        for mention in beside
        for one in mention.of("value")
        if "[" in one.path
    }
    return {name: path for name in page.wanted.types for path, field in page.fields_of(name)
            if amount.units and (name, path.rpartition("_")[0]) in stems and field.type in NUMERIC
            and amount.in_unit_of(field, amount.value) is not None}  # fmt: skip


def _first_of_unit(page: Page, owner: str, amount: Amount, claims: Claims) -> str | None:
    """The parameter that fits best: within its bounds, in the unit that was said, and then the first of the file. What a
    number has by name is not offered to another; two numbers without names contradict each other."""
    named = claims.named.get(owner, set())
    before = page.by_last.get(amount.first)
    most = before is not None and "maximum" in page.found[before].roles()
    ranked = [
        (most and not path.rpartition(".")[2].startswith("max_"), _misfit(field, amount), place, path)
        for place, (path, field) in enumerate(page.fields_of(owner))
        if field.type in NUMERIC and field.unit and path not in named and not field.setting
        and (most or not path.rpartition(".")[2].startswith("max_"))
        and amount.units and _is_whole(field, amount)
    ]  # fmt: skip
    return min(ranked)[-1] if ranked else None


def _is_whole(field: FieldSpec, amount: Amount) -> bool:
    value = amount.in_unit_of(field, amount.value)
    return value is not None and (field.type != "integer" or value == int(value))


def _is_bare(page: Page, claim: Claim) -> bool:
    amount = page.amount_at(claim.first)
    return amount is not None and amount.last == claim.last


def _misfit(field: FieldSpec, amount: Amount) -> tuple[bool, float]:
    value = amount.in_unit_of(field, amount.value) or 0
    within = (
        (field.minimum or 0) <= value <= (field.maximum if field.maximum is not None else value)
    )
    family, factor = PARAMETER_UNITS[field.unit]
    ratio = next((unit.factor / factor for unit in amount.units if unit.family == family), 1)
    return not within, abs(math.log(ratio))


def _corrected(page: Page, amount: Amount, claims: Sequence[Claim]) -> dict[str, str]:
    """ "first we said 5 nodes, final answer 9", "the old one had 3 nodes, this one needs 5"."""
    place = bisect_right(page.scope.corrections, amount.first) - 1
    said = place >= 0 and amount.first - page.scope.corrections[place] <= LINKS
    told = page.scope.clause[amount.first] - 1 in page.scope.aside
    earlier = [
        claim
        for claim in claims[-SIGHT:]
        if (said or (told and not claim.stands)) and _takes(page, claim, amount)
    ]
    return {earlier[-1].type: earlier[-1].path} if earlier else {}


def _takes(page: Page, claim: Claim, amount: Amount) -> bool:
    """Whether the number could be the claim's value instead."""
    field = page.vocabulary.catalog.types[claim.type].field(claim.path)
    numeric = field is not None and field.type in NUMERIC and not isinstance(claim.value, bool)
    return numeric and field is not None and amount.in_unit_of(field, amount.value) is not None


def _counted(page: Page, amount: Amount) -> dict[str, str]:
    """ "5x", "x3", "2 t3.large": how many, for a type that has a number of things of its own."""
    if amount.value != int(amount.value) or not is_count(page, amount):
        return {}
    return {name: path for name in page.wanted.types for path, field in reversed(page.fields_of(name))
            if field.type == "integer" and _COUNT.search(path) and not field.structure}  # fmt: skip


def is_count(page: Page, amount: Amount) -> bool:
    """ "5x", "x3", "2 t3.large": a number of the things themselves."""
    behind = amount.last + (page.key_at(amount.last) == TIMES)
    written = page.kind_at(behind) == "name"
    machine = written and _MACHINE.match(page.key_at(behind)) is not None
    if machine or page.key_at(amount.last) != TIMES:
        return machine or page.key_at(amount.first - 1) == TIMES
    return _counts_something(page, amount)


def _counts_something(page: Page, amount: Amount) -> bool:
    """ "redis 3x", "3x m7i.large"; but "10x traffic", "grow 10x" and "node 22.x" say how much, or which."""
    before, sign, behind = amount.first - 1, page.atoms[amount.last], amount.last + 1
    if page.key_at(before) in page.vocabulary.filler and before not in page.covered:
        return False
    if page.text[sign.start - 1] == ".":
        return False
    behind += "definite" in page.roles_at(behind)
    means = behind in page.covered or page.roles_at(behind)
    return page.kind_at(behind) != "word" or bool(means)


def _port(page: Page, amount: Amount) -> dict[str, str]:
    """A whole number of three to five digits that stands alone, in a text without sentences or behind "on"."""
    introduced = amount.first > 0 and page.atoms[amount.first - 1].key in _BEFORE_A_PORT
    short = len(page.atoms) <= SHORT_TEXT
    alone = amount.written.isdecimal() and 80 <= amount.value <= 65535 and (introduced or short)
    if not alone:
        return {}
    return {name: path for name in page.wanted.types for path, field in page.fields_of(name)
            if path.rpartition(".")[2].split("_")[-1] == "port" and field.type == "integer"}  # fmt: skip

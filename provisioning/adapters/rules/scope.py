"""Which mentions hold: what is negated, given up, past, only compared with, or corrected later."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from provisioning.adapters.rules.clauses import clauses, purposes
from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.tokens import Atom

_CHAINING = grammar("chaining")

REACH = 6
GIVEN_UP = -1


@dataclass
class ClauseScope:
    """Indexes into the list of mentions; `negated` also tells by which mention. `clause` numbers the clause of each
    atom; `corrections` are atoms after which what is said replaces what was said before; `aside` tells for a clause from
    which atom on it tells of the past or of something that it only compares with, `told` the same of the past alone;
    `purposes` say what a type named before them is for; `reached` are the clauses with such a tale."""

    clause: list[int]
    negated: dict[int, int] = field(default_factory=dict)
    discarded: set[int] = field(default_factory=set)
    past: set[int] = field(default_factory=set)
    reference: set[int] = field(default_factory=set)
    corrections: list[int] = field(default_factory=list)
    aside: dict[int, int] = field(default_factory=dict)
    told: dict[int, int] = field(default_factory=dict)
    purposes: frozenset[int] = frozenset()
    reached: set[tuple[str, int]] = field(default_factory=set)

    def covers(self, index: int) -> bool:
        return index not in self.negated and self.stands(index)

    def stands(self, index: int) -> bool:
        """Said of what is wanted, be it yes or no."""
        return (
            index not in self.discarded and index not in self.past and index not in self.reference
        )


def scope_of(atoms: Sequence[Atom], found: Sequence[Mention]) -> ClauseScope:
    clause = clauses(atoms, found)
    scope = ClauseScope(clause, purposes=purposes(found, clause))
    contents = [index for index, mention in enumerate(found) if mention.content]
    twice = _denied_twice(found, scope)
    for index, mention in enumerate(found):
        roles = mention.roles()
        if roles and "affirmation" not in roles and index not in twice:
            _apply(index, roles, scope, (atoms, found, contents))
    return scope


def _denied_twice(found: Sequence[Mention], scope: ClauseScope) -> set[int]:
    """ "must never be off" and "don't disable" deny a denial: neither of the two denies anything."""
    twice: set[int] = set()
    denials = [
        index
        for index, mention in enumerate(found)
        if mention.roles() & {"negation", "negation_after"}
    ]
    for left, right in pairwise(denials):
        gap = found[right].first - found[left].last
        near = gap == 0 or (gap == 1 and "negation_after" in found[right].roles())
        same = scope.clause[found[left].first] == scope.clause[found[right].first]
        if "negation" in found[left].roles() and near and same and left not in twice:
            twice |= {left, right}
    return twice


Denied = dict[int, set[int]]


def denied(found: Sequence[Mention], scope: ClauseScope) -> Denied:
    """For the first atom of each negation the atoms that it denies; what is given up stands under -1."""
    atoms: Denied = {}
    for index, by in scope.negated.items():
        atoms.setdefault(found[by].first, set()).update(
            range(found[index].first, found[index].last)
        )
    for index in scope.discarded:
        atoms.setdefault(GIVEN_UP, set()).update(range(found[index].first, found[index].last))
    return atoms


def keep_denied(before: Denied, found: Sequence[Mention], scope: ClauseScope) -> None:
    """Where fewer words count, a denial does not reach on to the next that does ("not a container: python 3.12")."""

    def others(index: int, by: int) -> bool:
        atoms = before.get(by)
        return (
            bool(atoms)
            and atoms is not None
            and atoms.isdisjoint(range(found[index].first, found[index].last))
        )

    scope.negated = {
        index: by for index, by in scope.negated.items() if not others(index, found[by].first)
    }
    scope.discarded = {index for index in scope.discarded if not others(index, GIVEN_UP)}


Text = tuple[Sequence[Atom], Sequence[Mention], Sequence[int]]


def _apply(index: int, roles: set[str], scope: ClauseScope, text: Text) -> None:
    atoms, found, _ = text
    if "negation" in roles and _answers(atoms, found[index]):
        _negate_question(index, scope, text)
        return
    after_sign = found[index].first > 0 and atoms[found[index].first - 1].key in {":", "="}
    after_sign |= _closes(index, text)
    if "negation_after" in roles or ("negation" in roles and after_sign):
        if not _negate_before(index, scope, text) and "negation" in roles:
            _negate_after(index, scope, text)
    elif "negation" in roles:
        _negate_after(index, scope, text)
    if "discarded" in roles:
        scope.discarded.update(_given_up(index, scope, text))
    _set_aside(index, roles, scope, text)
    if "correction" in roles or (
        "contrast" in roles and scope.clause[found[index].first] - 1 in scope.aside
    ):
        scope.corrections.append(found[index].first)


def _answers(atoms: Sequence[Atom], mention: Mention) -> bool:
    """ "NAT gateway? No.", "Kubernetes? No thanks." and "a dozen? no, two"."""
    alone = mention.last == len(atoms) or atoms[mention.last].kind == "mark"
    return (
        alone
        and mention.first > 0
        and atoms[mention.first - 1].key in {"?", ":"}
        and mention.last - mention.first <= 2
    )


def _closes(index: int, text: Text) -> bool:
    """ "versioning yes, public no"."""
    atoms, found, contents = text
    place = bisect_left(contents, index) - 1
    alone = found[index].last == len(atoms) or atoms[found[index].last].kind == "mark"
    return alone and place >= 0 and found[contents[place]].last == found[index].first


def _negate_question(index: int, scope: ClauseScope, text: Text) -> None:
    _, found, contents = text
    scope.corrections.append(found[index].first)
    position = bisect_left(contents, index) - 1
    if position >= 0 and found[index].first - found[contents[position]].last <= 1:
        scope.negated[contents[position]] = index


def _set_aside(index: int, roles: set[str], scope: ClauseScope, text: Text) -> None:
    """But not "a database for the old archive": that is what it is for."""
    atoms, found, _ = text
    if index in scope.purposes:
        return
    for role, mentions in (("past", scope.past), ("reference", scope.reference)):
        # What the first such word of a clause reaches, a second one need not look for again.
        told = (role, scope.clause[found[index].first])
        if role in roles and told not in scope.reached:
            scope.reached.add(told)
            mentions.update(_next(index, scope, text, reach=len(atoms)))
            scope.aside.setdefault(scope.clause[found[index].first], found[index].first)
    if "past" in roles:
        scope.told.setdefault(scope.clause[found[index].first], found[index].first)


def _next(index: int, scope: ClauseScope, text: Text, reach: int = REACH) -> list[int]:
    """The content mentions after this one in the same clause."""
    _, found, contents = text
    mention = found[index]
    clause = scope.clause[mention.first]
    following = []
    for place in range(bisect_left(contents, index + 1), len(contents)):
        other = contents[place]
        if scope.clause[found[other].first] != clause or found[other].first - mention.last > reach:
            break
        following.append(other)
    return following


def _given_up(index: int, scope: ClauseScope, text: Text) -> list[int]:
    """The next thing; but "rather than 3.11: a Lambda" gives up a number."""
    atoms, found, _ = text
    return [
        other
        for other in _next(index, scope, text)[:1]
        if ":" not in [atom.key for atom in atoms[found[index].last : found[other].first]]
    ]


def _negate_after(index: int, scope: ClauseScope, text: Text) -> None:
    atoms, found, _ = text
    following = _next(index, scope, text)
    for position, other in enumerate(following):
        if position and not _chained(atoms, found[following[position - 1]], found[other]):
            return
        if ":" in [atom.key for atom in atoms[found[index].last : found[other].first]]:
            return
        scope.negated[other] = index


def _chained(atoms: Sequence[Atom], left: Mention, right: Mention) -> bool:
    """ "no versioning or encryption": nothing but a conjunction and an article between two of a kind."""
    between = [atom.key for atom in atoms[left.last : right.first]]
    if (
        not between
        and not left.of("value", "type", "weak", "environment")
        and not right.of("type", "weak", "environment")
    ):
        return atoms[right.first].kind != "number"  # "don't keep access logs"
    conjunction = bool(between) and between[0] in _CHAINING
    same_kind = {meaning.kind for meaning in left.meanings} & {
        meaning.kind for meaning in right.meanings
    }
    return (
        conjunction
        and len(between) <= 2
        and bool(same_kind)
        and atoms[right.first].kind != "number"
    )


def _negate_before(index: int, scope: ClauseScope, text: Text) -> bool:
    _, found, contents = text
    mention = found[index]
    position = bisect_left(contents, index) - 1
    if position < 0:
        return False
    other = contents[position]
    near = (
        scope.clause[found[other].first] == scope.clause[mention.first]
        and mention.first - found[other].last <= 3
    )
    place = bool(found[other].of("environment")) and mention.first - found[other].last > 1
    if near and not place:
        scope.negated[other] = index
    return near

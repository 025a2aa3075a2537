"""Which resource types a text asks for, and where it speaks of each of them."""

import itertools
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from provisioning.adapters.rules.clauses import BOUNDARY
from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.nouns import Noun, nouns_of
from provisioning.adapters.rules.scope import ClauseScope
from provisioning.adapters.rules.tokens import Atom
from provisioning.adapters.rules.vocabulary import Vocabulary

_LISTING = grammar("listing")
_AND = grammar("and")
_INTO = grammar("into")

COPULAS = grammar("copulas")  # "all we want for the register is an Aurora cluster"
LOOK_BACK = 6
PLACE = 3
TAKEN_BACK = grammar("taken back")


@dataclass
class Wanted:
    """`anchors` tells for a type at which atoms it is spoken of. `unclear` are the candidates of a question. `existing`: the only
    type named is where something shall go ("two more nodes to the prod cluster")."""

    types: list[str] = field(default_factory=list)
    anchors: dict[str, list[Noun]] = field(default_factory=dict)
    unclear: set[str] = field(default_factory=set)
    existing: bool = False


def wanted(
    vocabulary: Vocabulary, atoms: Sequence[Atom], found: Sequence[Mention], scope: ClauseScope
) -> Wanted:
    nouns = nouns_of(vocabulary, atoms, found, scope)
    nouns = _not_taken_back(atoms, nouns, scope)
    _place(atoms, found, nouns)
    settled = Wanted()
    named = {
        next(iter(noun.strong))
        for noun in nouns
        if noun.certain and noun.wanted and len(noun.strong) == 1
    }
    if len(nouns) == 1 and (
        nouns[0].placed or (nouns[0].definite and _all_that_is_said(found, scope))
    ):
        return Wanted(unclear=nouns[0].types(), existing=nouns[0].placed)
    for noun in nouns:
        _settle(noun, named, settled)
    if not settled.types:
        _from_hints(nouns, settled)
    settled.unclear |= _alternatives(atoms, found, nouns)
    return settled


def _not_taken_back(atoms: Sequence[Atom], nouns: list[Noun], scope: ClauseScope) -> list[Noun]:
    """ "a queue, no wait, a topic" is a topic."""
    if len(nouns) != 2 or not all(noun.strong for noun in nouns):
        return nouns
    left, right = nouns
    corrected = any(left.last <= place < right.first for place in scope.corrections)
    said = {atom.key for atom in atoms[left.last : right.first]}
    return [right] if corrected and said & TAKEN_BACK else nouns


def _all_that_is_said(found: Sequence[Mention], scope: ClauseScope) -> bool:
    """ "ping the prod database": nobody says that one is to be made, nor what for."""
    wishes = any(mention.roles() & {"creating", "purpose"} for mention in found)
    return not wishes and len({scope.clause[mention.first] for mention in found}) == 1


def _settle(noun: Noun, named: set[str], settled: Wanted) -> None:
    """A value or a hint speaks of a type that is named elsewhere, or else brings its own."""
    if not noun.certain:
        return
    known = noun.may_mean() & (named | set(settled.types))
    if known:
        chosen = next((name for name in reversed(settled.types) if name in known), sorted(known)[0])
        _anchor(settled, chosen, noun)
    elif noun.wanted and noun.strong | noun.soft:
        candidates = noun.strong or noun.soft
        if len(candidates) == 1:
            _anchor(settled, next(iter(candidates)), noun)
        else:
            settled.unclear |= candidates
    elif noun.wanted and noun.listed and noun.weak and settled.types:
        if len(noun.weak) == 1:
            _anchor(settled, next(iter(noun.weak)), noun)
        else:
            settled.unclear |= noun.weak


def _anchor(settled: Wanted, name: str, noun: Noun) -> None:
    if name not in settled.types:
        settled.types.append(name)
    settled.anchors.setdefault(name, []).append(noun)


def _from_hints(nouns: Sequence[Noun], settled: Wanted) -> None:
    """Nothing was named for certain: what was compared with or given up comes next, then hints that agree. What is pointed at
    ("an alarm when the queue is long") is not what is wanted where a hint is."""
    wished = [
        noun.first for noun in nouns if noun.wanted and noun.certain and not noun.strong | noun.soft
    ]
    for noun in nouns:
        if noun.definite and wished and wished[0] < noun.first:
            continue
        if len(noun.strong | noun.soft) == 1:
            _anchor(settled, next(iter(noun.strong | noun.soft)), noun)
    hints = [noun for noun in nouns if noun.weak]
    if settled.types or not hints or settled.unclear:
        return
    every = set.union(*(noun.weak for noun in hints))
    common = set.intersection(*(noun.weak | noun.bearers for noun in hints)) & every or every
    if len(common) == 1:
        for noun in hints:
            _anchor(settled, next(iter(common)), noun)
    else:
        settled.unclear |= common


def _place(atoms: Sequence[Atom], found: Sequence[Mention], nouns: Sequence[Noun]) -> None:
    """Sets which nouns are wanted and which only say what something else is for ("a role for a lambda")."""
    roles = {mention.first: mention.roles() for mention in found}
    ends = {mention.last - 1: mention.first for mention in found}
    for position, noun in enumerate(nouns):
        noun.wanted, noun.listed, noun.definite = _is_wanted(atoms, roles, ends, noun)
        noun.placed = noun.definite and not noun.wanted and _stands_in_place(atoms, noun)
        before = nouns[position - 1] if position else None
        if (
            before
            and not before.wanted
            and before.certain == noun.certain
            and _listed_after(atoms, before, noun)
        ):
            noun.wanted = False
    if nouns and not any(noun.wanted and noun.types() for noun in nouns):
        next((noun for noun in nouns if noun.certain), nouns[0]).wanted = True


def _stands_in_place(atoms: Sequence[Atom], noun: Noun) -> bool:
    """ "add a column to the users table"."""
    return any(atom.key in _INTO for atom in atoms[max(0, noun.first - PLACE) : noun.first])


def _is_wanted(
    atoms: Sequence[Atom], roles: dict[int, set[str]], ends: dict[int, int], noun: Noun
) -> tuple[bool, bool, bool]:
    article = definite = False
    index = noun.first - 1
    for _ in range(LOOK_BACK):
        if index < 0 or atoms[index].kind == "mark":
            break
        index = ends.get(index, index)
        said = roles.get(index, set())
        if article and atoms[index].key in COPULAS:
            return True, article, False
        if "purpose" in said:
            return False, False, False
        noun_itself = "article" not in said and "definite" in roles.get(
            index - 1, set()
        )  # "the order queue"
        if "joining" in said or ("creating" in said and not noun_itself):
            return True, article or atoms[index].key in _AND, False
        if "preposition" in said:
            return article, False, definite and not article
        article |= "article" in said or atoms[index].key == "one"
        definite |= "definite" in said
        index -= 1
    return not definite, False, definite


def _listed_after(atoms: Sequence[Atom], before: Noun, noun: Noun) -> bool:
    between = [atom.key for atom in atoms[before.last : noun.first]]
    return (
        bool(between)
        and len(between) <= 3
        and between[0] in _LISTING
        and "a" not in between
        and "an" not in between
    )


def _alternatives(
    atoms: Sequence[Atom], found: Sequence[Mention], nouns: Sequence[Noun]
) -> set[str]:
    """ "SQS or SNS": both are candidates."""
    unclear: set[str] = set()
    ors = sorted(mention.last - 1 for mention in found if "alternative" in mention.roles())
    for left, right in itertools.pairwise(nouns):
        apart = {atom.key for atom in atoms[left.last : right.first]} & BOUNDARY
        both = left.types() | right.types()
        last = ors[bisect_left(ors, right.first) - 1] if ors else -1
        between = max(left.last, right.first - 2) <= last < right.first
        if between and len(both) > 1 and not left.types() & right.types() and not apart:
            unclear |= both
    return unclear

"""Two things of one type that differ in what names them: "a Postgres with 100 GB and a MySQL with 50 GB"."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.page import Claim, Page

_OF_EACH = grammar("of each")

AND = grammar("and")


def apart(page: Page, claims: Sequence[Claim], answers: Mapping[str, str]) -> list[Sequence[Claim]]:
    """The claims of each thing; all of them together where there is one thing, or where the text contradicts itself."""
    naming = sorted(
        (claim for claim in claims if claim.stands and _names(page, claim)),
        key=lambda claim: claim.first,
    )
    first = {str(claim.value): claim for claim in reversed(naming)}
    heads = sorted(first.values(), key=lambda claim: claim.first)
    answered = any(f"{head.type}.{head.path}" in answers for head in heads)
    if len(heads) < 2 or answered or not all(_joined(page, *pair) for pair in pairwise(heads)):
        return [claims]
    return [[claim for claim in claims if _belongs(page, claim, head, heads)] for head in heads]


def _names(page: Page, claim: Claim) -> bool:
    field = page.vocabulary.catalog.types[claim.type].field(claim.path)
    return field is not None and bool(field.names_type)


def _joined(page: Page, left: Claim, right: Claim) -> bool:
    between = range(left.last, right.first)
    roles = {role for place in between for role in page.roles_at(place)}
    return bool(AND & {page.atoms[place].key for place in between}) and not roles & {
        "alternative",
        "contrast",
        "correction",
    }


def _belongs(page: Page, claim: Claim, head: Claim, heads: Sequence[Claim]) -> bool:
    """To the thing that was named last; what stands before the first, or says "each", belongs to all."""
    if _names(page, claim):
        return claim.value == head.value
    before = [other for other in heads if other.first <= claim.first]
    each = claim.last < len(page.atoms) and page.atoms[claim.last].key in _OF_EACH
    return each or not before or before[-1] is head

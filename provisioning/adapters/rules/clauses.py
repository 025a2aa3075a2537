"""The clauses of a text: what a denial, a comparison or a tale of the past reaches."""

from collections.abc import Sequence

from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.tokens import Atom

BOUNDARY = frozenset(",;.!?\n()")


def clauses(atoms: Sequence[Atom], found: Sequence[Mention]) -> list[int]:
    """The number of the clause of each atom."""
    starts = {mention.first for index, mention in enumerate(found) if _begins_clause(found, index)}
    clause, numbers = 0, []
    for index, atom in enumerate(atoms):
        if index in starts or (atom.kind == "mark" and atom.key in BOUNDARY):
            clause += 1
        numbers.append(clause)
    return numbers


def purposes(found: Sequence[Mention], clause: Sequence[int]) -> frozenset[int]:
    """The mentions that say what a type named before them in their clause is for ("a bucket for exports of Azure")."""
    told: set[int] = set()
    current, typed, purpose = -1, False, False
    for index, mention in enumerate(found):
        if clause[mention.first] != current:
            current, typed, purpose = clause[mention.first], False, False
        if purpose and typed:
            told.add(index)
        if not purpose:
            purpose = "purpose" in mention.roles()
            typed = typed or (not purpose and bool(mention.of("type")))
    return frozenset(told)


def _begins_clause(found: Sequence[Mention], index: int) -> bool:
    """A contrast ("but"), or a conjunction before a wish ("and need")."""
    roles = found[index].roles()
    if "contrast" in roles:
        return True
    following = found[index + 1] if index + 1 < len(found) else None
    near = following is not None and following.first - found[index].last <= 1
    return (
        "joining" in roles
        and near
        and following is not None
        and bool(following.roles() & {"creating", "correction"})
    )

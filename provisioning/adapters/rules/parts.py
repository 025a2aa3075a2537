"""Texts that ask for a part of something that exists: "a namespace in the shared cluster"."""

from collections.abc import Sequence

from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.scope import ClauseScope
from provisioning.adapters.rules.tokens import Atom
from provisioning.adapters.rules.vocabulary import Vocabulary
from provisioning.catalog import Catalog
from provisioning.domain import Question

BEFORE = 2
SIGHT = 40


def part_of(
    vocabulary: Vocabulary,
    text: str,
    atoms: Sequence[Atom],
    found: Sequence[Mention],
    scope: ClauseScope,
) -> Question | None:
    """The part comes first, and no type is named but as its adjective or as the place where it shall be."""
    places = [
        index
        for index, mention in enumerate(found)
        if mention.of("part") and index not in scope.negated
    ]
    first = found[places[0]] if places else None
    found = found[: places[0] + SIGHT] if places else []
    if first is None or not scope.stands(places[0]) or not _is_wished(atoms, found, first):
        return None
    owners = {meaning.subject for meaning in first.of("part")}
    types = [mention for mention in found if mention is not first and mention.of("type", "weak")]
    named = {meaning.subject for mention in types for meaning in mention.of("type")}
    owners = owners & named or owners
    stated = (
        bool(types)
        or not first.of("type", "weak")
        or any(_stands_in(found, first, one) for one in found)
    )
    apart = all(
        mention.last == first.first or _stands_in(found, first, mention) for mention in types
    )
    another = {
        meaning.subject for meaning in first.of("type")
    } - owners  # "cronjob" is a schedule where nobody says Kubernetes
    if not (stated and apart) or named - owners or (another and not named):
        return None
    return _question(
        vocabulary.catalog, owners, text[atoms[first.first].start : atoms[first.last - 1].end]
    )


def _is_wished(atoms: Sequence[Atom], found: Sequence[Mention], part: Mention) -> bool:
    """ "a namespace", "add columns", "kafka topic"; not "for our users"."""
    start = next(
        (mention.first for mention in found if mention.last == part.first and mention.of("type")),
        part.first,
    )
    before = {role for mention in found if mention.last == start for role in mention.roles()}
    return (
        start == 0
        or atoms[start - 1].kind == "mark"
        or bool(before & {"article", "creating", "polite"})
    )


def _stands_in(found: Sequence[Mention], part: Mention, mention: Mention) -> bool:
    """Something definite behind the part, as in "in the shared cluster", "on our kafka" and "for the checkout ALB"."""
    linking = {"preposition", "purpose"} if mention.of("type", "weak") else {"preposition"}
    if not mention.of("type", "weak") and "infrastructure" not in mention.roles():
        return False
    between = [other.roles() for other in found if part.last <= other.first < mention.first]
    near = (
        other.roles()
        for other in found
        if part.last <= other.first and 0 <= mention.first - other.last <= BEFORE
    )
    definite = any("definite" in roles for roles in near)
    placed = any(roles & linking for roles in between)
    return definite and placed and not any("joining" in roles for roles in between)


def _question(catalog: Catalog, owners: set[str], part: str) -> Question:
    choices = tuple(sorted(owners))
    titles = ", ".join(f"{catalog.types[name].file.title} ({name})" for name in choices)
    text = f"The portal makes no {part} inside of something that exists; ask its owner. Do you need a new one of: {titles}?"
    return Question("resource_type", text, choices)

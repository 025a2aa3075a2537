"""Which parameter a number belongs to."""

from collections.abc import Iterator, Sequence

from provisioning.adapters.rules.amounts import Amount
from provisioning.adapters.rules.bare import Claims, bare
from provisioning.adapters.rules.bounds import bounded, pair_of
from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.meant import fits, meanings
from provisioning.adapters.rules.otherwise import counts_otherwise, given_up
from provisioning.adapters.rules.page import Claim, Page
from provisioning.adapters.rules.vocabulary import Meaning

_CLOSE_LINKS = grammar("close links")

LINKS = 4


def numbers(page: Page) -> tuple[list[Claim], list[Amount], set[int]]:
    """The claims, the amounts that no parameter took, and the mentions that named a number."""
    claims = Claims()
    left: list[Amount] = []
    used: set[int] = set()
    for amount in page.amounts:
        if any(atom in page.covered for atom in range(amount.first, amount.unit)):
            continue
        found = _claims_of(page, amount, used, claims)
        claims.add(page, found)
        if found and left and _or(page, left[-1], amount):
            other = amount._replace(value=left.pop().value)
            claims.add(page, _claims_of(page, other, set(), claims))
        if not found:
            left.append(amount)
    return claims.all, left, used


def _or(page: Page, before: Amount, amount: Amount) -> bool:
    """ "2 or 3 nodes" says both, which becomes a question."""
    return (
        before.last + 1 == amount.first and page.atoms[before.last].key == "or" and not before.units
    )


def _claims_of(page: Page, amount: Amount, used: set[int], claims: Claims) -> list[Claim]:
    if amount.until is not None:
        found = _range(page, amount, used)
        if found:
            return found
    named = _named(page, amount, used)
    if named:
        return named
    if amount.unit == amount.first or counts_otherwise(page, amount):
        return []
    return list(bare(page, amount, claims))


def _named(page: Page, amount: Amount, used: set[int]) -> list[Claim]:
    """ "timeout of 30 seconds", "3 small nodes": an untaken name right before wins, then one behind, then one further before."""
    before, distance = _before(page, amount)
    after = _after(page, amount)
    free = before is not None and before not in used and bool(meanings(page, before, amount))
    order = (
        [before, after]
        if free and (distance == 0 or after is None)
        else [after, before if free else None]
    )
    for index in order:
        meant = meanings(page, index, amount) if index is not None else []
        if index is not None and meant:
            used.add(index)
            return list(_numeric_claims(page, amount, index, meant))
    return []


def _numeric_claims(
    page: Page, amount: Amount, index: int, meant: Sequence[Meaning]
) -> Iterator[Claim]:
    mention = page.found[index]
    span = (min(mention.first, amount.first), max(mention.last, amount.last))
    stands = page.scope.stands(index) and not given_up(page, amount)
    for owner in page.owners({meaning.subject for meaning in meant}, *span):
        own = [meaning for meaning in meant if meaning.subject in {owner, ""}]
        for meaning in sorted(own, key=lambda one: not fits(page, one, amount))[:1]:
            path = bounded(page, owner, meaning.path, span)
            field = page.vocabulary.catalog.types[owner].field(path)
            value = amount.in_unit_of(field, amount.value) if field else None
            yield page.claim(owner, path, value, span, stands)


def _range(page: Page, amount: Amount, used: set[int]) -> list[Claim]:
    after = _after(page, amount)
    if (
        after is not None and page.found[after].first - amount.last > 1
    ):  # "0-5 windows 2022 port 8443"
        after = None
    if after is not None:
        used.add(after)
    last = page.found[after].last if after is not None else amount.last
    owned = {name: pair for name in page.wanted.types if (pair := pair_of(page, name))}
    claims = []
    for owner in page.owners(set(owned), amount.first, last)[:1]:
        # "2 to 8 c7i.xlarge machines": the words of the numbers alone, where something stands between.
        near = after is not None and page.found[after].first == amount.last
        span = (amount.first, last if near else amount.last)
        ends = (amount.value, amount.until or 0)
        claims = [
            page.claim(owner, path, amount.in_unit_of(field, end), span)
            for path, end in zip(owned[owner], ends, strict=True)
            if (field := page.vocabulary.catalog.types[owner].field(path))
        ]
    return claims


def _before(page: Page, amount: Amount) -> tuple[int | None, int]:
    index, distance = amount.first, 0
    for _ in range(LINKS):
        mention = page.by_last.get(index)
        if mention is not None and page.found[mention].content:
            return _subject(page, mention, amount), distance
        if mention is not None and page.found[mention].roles() & {"minimum", "maximum", "linking"}:
            index, distance = page.found[mention].first, distance + 1
            continue
        if index < 1 or not _links(page, index - 1):
            return None, distance
        distance += page.atoms[index - 1].key not in _CLOSE_LINKS
        index -= 1
    return None, distance


def _subject(page: Page, index: int, amount: Amount) -> int:
    """ "old versions dropped after 30 days": of two names of one list's item the first says what it is about."""
    before = page.by_last.get(page.found[index].first)
    if before is None:
        return index
    items = [{(one.subject, one.path.partition(".")[0]) for one in meanings(page, place, amount) if "[" in one.path}
             for place in (before, index)]  # fmt: skip
    return before if items[0] & items[1] else index


def _links(page: Page, atom: int) -> bool:
    linking = page.vocabulary.language.roles["linking"]
    return page.atoms[atom].key in {
        ":",
        "=",
        "~",
        ">",
        "<",
        *linking,
    } or "linking" in page.roles_at(atom)


def _after(page: Page, amount: Amount) -> int | None:
    """The next parameter name behind an amount; adjectives, one type or environment and opaque names may stand between."""
    connecting = page.vocabulary.language.roles["connecting"]
    index = (
        amount.unit if amount.unit in page.by_first and amount.unit in page.covered else amount.last
    )
    for _ in range(LINKS):
        if index >= len(page.atoms) or page.atoms[index].kind in {"mark", "number"}:
            return None
        mention = page.by_first.get(index)
        if mention is not None and page.found[mention].content:
            if meanings(page, mention, amount):
                return None if _names_the_next(page, mention, amount) else mention
            index = page.found[mention].last
        elif (
            page.atoms[index].kind == "name"
            or page.atoms[index].key in connecting
            or "article" in page.roles_at(index)
        ):
            index += 1
        else:
            return None
    return None


def _fit_of(page: Page, index: int, amount: Amount) -> bool:
    return any(fits(page, meaning, amount) for meaning in meanings(page, index, amount))


def _names_the_next(page: Page, index: int, amount: Amount) -> bool:
    """ "x3 port 5000": a name with another number right behind it that nothing else names, unless it counts ("2 nodes 4 GB")."""
    mention = page.found[index]
    following = page.amount_at(mention.last)
    if following is None or following.first in page.covered:
        return False
    if following.units:
        return not _fit_of(page, index, amount) and _fit_of(page, index, following)
    if mention.first == amount.last and amount.units:
        return False
    behind = page.by_first.get(following.last)
    named = behind is not None and bool(meanings(page, behind, following))
    return bool(meanings(page, index, following)) and not named and not following.units

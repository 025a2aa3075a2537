"""Values that are words: yes and no, choices, and choices that the catalog refuses."""

from collections.abc import Iterator

from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.page import NUMERIC, Claim, Page
from provisioning.adapters.rules.vocabulary import Meaning

PURPOSE_WORDS = 4


def spoken_values(page: Page, spent: set[int]) -> list[Claim]:
    """`spent` are the mentions that already gave a number its name."""
    claims: list[Claim] = []
    for index, mention in enumerate(page.found):
        if mention.content:
            claims += _claims_of(page, index, mention, index in spent)
    return claims


def _claims_of(page: Page, index: int, mention: Mention, spent: bool) -> Iterator[Claim]:
    meanings = _one_per_path(mention.of("value", "refused", "name"))
    owners = {
        meaning.subject for meaning in meanings if _says_something(page, meaning, index, spent)
    }
    for owner in page.owners(owners, mention.first, mention.last) if owners else ():
        for meaning in meanings:
            if meaning.subject in {owner, ""} and _says_something(page, meaning, index, spent):
                yield _claim(page, index, owner, meaning)


def _one_per_path(meanings: list[Meaning]) -> list[Meaning]:
    """A value says more than the mere name of its parameter."""
    kept: dict[tuple[str, str], Meaning] = {}
    for meaning in meanings:
        key = (meaning.subject, meaning.path)
        if key not in kept or kept[key].kind == "name":
            kept[key] = meaning
    return list(kept.values())


def _says_something(page: Page, meaning: Meaning, index: int, spent: bool) -> bool:
    field = page.field(meaning)
    negated = index in page.scope.negated
    if field is None or index in page.scope.discarded:
        return False
    if field.setting and not negated and meaning.value is not False and _says_purpose(page, index):
        return False
    if meaning.kind != "name":
        return not negated or field.type == "boolean"
    if field.type == "boolean":
        return True
    says_more = any(
        other.kind == "value" and other.subject == meaning.subject
        for other in page.found[index].meanings
    )
    return (
        not spent
        and not says_more
        and field.type in NUMERIC
        and (0 in field.enum if field.enum else (field.minimum or 0) <= 0)
        and (negated or _is_one(page, index))
    )


def _says_purpose(page: Page, index: int) -> bool:
    """ "a topic for price alerts" is no wish for alarms, "a topic for prices with alarms" is one."""
    first, clause = page.found[index].first, page.scope.clause
    if (
        page.atoms[first].key in page.vocabulary.language.roles["joining"]
    ):  # the phrase itself is "with alarms"
        return False
    for place in range(first - 1, max(0, first - PURPOSE_WORDS) - 1, -1):
        roles = page.roles_at(place)
        if clause[place] != clause[first] or "negation" in roles or roles >= {"joining", "linking"}:
            return False
        if "purpose" in roles:
            return True
    return False


def _is_one(page: Page, index: int) -> bool:
    """ "with a read replica"; "a container" is the thing itself."""
    mention = page.found[index]
    if mention.of("type", "weak"):
        return False
    end = mention.last
    more = page.by_first.get(end)
    alone = end == len(page.atoms) or more is None or not page.found[more].content
    return alone and mention.first > 0 and page.atoms[mention.first - 1].key in {"a", "an"}


def _claim(page: Page, index: int, owner: str, meaning: Meaning) -> Claim:
    """A named switch is on, a negated one off; "no readers" is none of them."""
    field, mention = page.field(meaning), page.found[index]
    numeric = field is not None and field.type in NUMERIC
    value = meaning.value if meaning.kind != "name" else 1 if numeric else True
    span = (mention.first, mention.last)
    if index in page.scope.negated:
        negation = page.found[page.scope.negated[index]]
        span = (min(span[0], negation.first), max(span[1], negation.last))
        value = 0 if numeric else not value
    return page.claim(owner, meaning.path, value, span, page.scope.stands(index))

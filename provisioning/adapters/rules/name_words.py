"""Which words may be a name, or a part of one."""

from collections.abc import Iterator, Sequence

from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.page import Page
from provisioning.catalog import names

_BEFORE_A_NAME = grammar("before a name")

MOST_WORDS = 4
QUOTES = frozenset("\"'“”„`«»‘’")


def phrase(page: Page, place: int, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """The words from here to the next mark, preposition or value, without leading articles."""
    while place < len(page.atoms) and _leading(page, place):
        place += 1
    last = place
    while last < len(page.atoms) and last - place < MOST_WORDS and _names_on(page, last, covered):
        last += 1
    while (
        last > place and page.atoms[last - 1].key in page.vocabulary.ignorable and last - place > 1
    ):
        last -= 1
    noun = page.by_first.get(last - 1)
    if (
        noun is not None
        and last - place > 1
        and page.found[noun].roles() & {"name_noun"}
        and not page.found[noun].roles() & {"name_noun_kept"}
    ):
        last -= 1
    if last > place and not all(
        page.atoms[i].key in page.vocabulary.ignorable for i in range(place, last)
    ):
        yield place, last


def _leading(page: Page, place: int) -> bool:
    atom = page.atoms[place]
    return (
        atom.key in QUOTES
        or bool({"article", "definite"} & page.roles_at(place))
        or atom.key in _BEFORE_A_NAME
    )


def _names_on(page: Page, place: int, covered: frozenset[int]) -> bool:
    atom = page.atoms[place]
    if atom.kind not in {"word", "typo", "name"} or place in covered:
        return False
    mention = page.by_first.get(place)
    roles = page.roles_at(place)
    stops = {
        "preposition",
        "joining",
        "purpose",
        "negation",
        "contrast",
        "correction",
        "naming",
        "alternative",
        "past",
        "article",
    }
    if roles & (stops - ({"naming"} if roles & {"name_noun", "name_noun_kept"} else set())):
        return False
    content = page.found[mention] if mention is not None and page.found[mention].content else None
    return content is None or not content.of("environment", "type")


def may_name(page: Page, index: int, covered: frozenset[int]) -> bool:
    """A word that means nothing else."""
    atom = page.atoms[index]
    before = page.by_last.get(index)
    if before is not None and "negation" in page.found[before].roles():  # "no alarms"
        return False
    if atom.kind == "name":
        return index not in covered and "." not in atom.key and "_" not in atom.key
    known = (
        atom.key in page.vocabulary.ignorable
        or (index in page.covered and not _only_hints(page, index))
        or atom.key in page.vocabulary.language.numbers
        or atom.key in page.vocabulary.language.multipliers
        or bool(
            page.roles_at(index)
            - {"infrastructure", "counted_otherwise", "distant", "changing", "trouble"}
        )
    )
    inside = any(
        m.first < index < m.last or m.first == index < m.last - 1 for m in _around(page, index)
    )
    return (
        atom.kind == "word"
        and not known
        and not inside
        and index not in covered
        and names.slug(atom.key) != ""
    )


def _only_hints(page: Page, index: int) -> bool:
    """A word that would hint at a type ("leaderboard") says what it is for where the type is named."""
    mention = page.found[page.covered[index]] if index in page.covered else None
    kinds = {meaning.kind for meaning in mention.meanings} if mention is not None else set()
    hinting = (
        mention is not None and mention.last - mention.first == 1 and kinds <= {"weak", "type"}
    )
    named = {name for name, last in page.named_from.items() if last <= index}
    return hinting and mention is not None and {m.subject for m in mention.meanings} <= named


def _around(page: Page, index: int) -> Sequence[Mention]:
    before = [
        page.by_first[place]
        for place in range(max(0, index - 5), index + 1)
        if place in page.by_first
    ]
    return [page.found[i] for i in before]


def is_compared(page: Page, index: int) -> bool:
    """Inside a comparison or a tale of the past, where a name is somebody else's."""
    return index >= page.scope.aside.get(page.scope.clause[index], len(page.atoms))


def key_at(page: Page, index: int) -> str:
    return page.atoms[index].key if index < len(page.atoms) else ""

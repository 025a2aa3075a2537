"""What a text calls the application, or says the resource is for."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.page import Page
from provisioning.catalog import names

MOST_WORDS = 4
PLAIN_WORDS = 3
FEW = 10
_QUOTES = frozenset("\"'“”„`«»‘’")


def application(page: Page, covered: frozenset[int]) -> str:
    """The first that applies: a name that is introduced as one, the word before "app" or "service", what the resource is for, a
    compound, a word between marks, and in a text without sentences a word that nothing else explains. "" when there is none."""
    for reader in (_introduced, _before_noun, _purpose, _compound, _alone, _unexplained, _noun):
        for first, last in reader(page, covered):
            name = _text(page, first, last)
            if names.slug(name):
                return name
    return ""


def _text(page: Page, first: int, last: int) -> str:
    return page.text[page.atoms[first].start : max(atom.end for atom in page.atoms[first:last])]


def _introduced(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """ "called orion", "app is attribution", "name: ledger"."""
    for mention in page.found:
        if "naming" not in mention.roles():
            continue
        place = mention.last
        sign = False
        while place < len(page.atoms) and (
            page.atoms[place].key in {":", "=", "is"} or page.atoms[place].key in _QUOTES
        ):
            sign, place = True, place + 1
        words = _text(page, mention.first, mention.last).casefold()
        if sign or "call" in words or "nam" in words or " is" in words or "title" in words or "label" in words:
            yield from _phrase(page, place, covered)


def _before_noun(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """ "the karaoke app", "the team of logistics", "payments API"; the last words before the noun."""
    for mention in page.found:
        roles = mention.roles()
        if not roles & {"name_noun", "name_noun_kept"} or _compared(page, mention.first):
            continue
        if _key(page, mention.last) in {"of", "for"} and "name_noun" in roles:
            yield from _phrase(page, mention.last + 1, covered)
        first = mention.first
        while first > 0 and mention.first - first < PLAIN_WORDS and _may_name(page, first - 1, covered):
            first -= 1
        if first < mention.first:
            yield first, mention.last if "name_noun_kept" in roles else mention.first


def _purpose(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """ "for chat messages"; "for prod" says no purpose."""
    for mention in page.found:
        theirs = _key(page, mention.last) in {"its", "their", "it", "them", "this", "that"}
        if "purpose" in mention.roles() and not theirs and not _compared(page, mention.first):
            yield from _phrase(page, mention.last, covered)


def _compound(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    for index, atom in enumerate(page.atoms):
        plain = "." not in atom.key and "@" not in atom.key and "/" not in atom.key
        if atom.kind == "name" and plain and index not in covered and not _value_of_key(page, index):
            yield index, index + 1


def _value_of_key(page: Page, index: int) -> bool:
    """ "key card_id" names a column."""
    return "_" in page.atoms[index].key


def _alone(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """ ", newsroom, ": a word between marks that nothing else explains."""
    marks = [-1, *(index for index, atom in enumerate(page.atoms) if atom.kind == "mark"), len(page.atoms)]
    for left, right in pairwise(marks):
        if right - left == 2 and _may_name(page, left + 1, covered):
            yield left + 1, right


def _unexplained(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    free = [index for index in range(len(page.atoms)) if _may_name(page, index, covered) and not _compared(page, index)]
    if not free or (len(page.atoms) > 14 and len(free) > PLAIN_WORDS) or len(free) > MOST_WORDS + 2:
        return
    runs: list[tuple[int, int]] = []
    for index in free:
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    yield from sorted(runs, key=lambda run: -run[0])


def _noun(page: Page, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """ "ecs staging api": in a few words without a name its own noun is one."""
    for mention in page.found if len(page.atoms) <= FEW else ():
        if "name_noun_kept" in mention.roles() and not mention.content and mention.first not in covered:
            yield mention.first, mention.last


def _phrase(page: Page, place: int, covered: frozenset[int]) -> Iterator[tuple[int, int]]:
    """The words from here to the next mark, preposition or value, without leading articles."""
    while place < len(page.atoms) and _leading(page, place):
        place += 1
    last = place
    while last < len(page.atoms) and last - place < MOST_WORDS and _names_on(page, last, covered):
        last += 1
    while last > place and page.atoms[last - 1].key in page.vocabulary.ignorable and last - place > 1:
        last -= 1
    noun = page.by_first.get(last - 1)
    if (
        noun is not None
        and last - place > 1
        and page.found[noun].roles() & {"name_noun"}
        and not page.found[noun].roles() & {"name_noun_kept"}
    ):
        last -= 1
    if last > place and not all(page.atoms[i].key in page.vocabulary.ignorable for i in range(place, last)):
        yield place, last


def _leading(page: Page, place: int) -> bool:
    atom = page.atoms[place]
    return (
        atom.key in _QUOTES or bool({"article", "definite"} & page.roles_at(place)) or atom.key in {"teh", "hte", "new"}
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


def _may_name(page: Page, index: int, covered: frozenset[int]) -> bool:
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
        or bool(page.roles_at(index) - {"infrastructure", "counted_otherwise", "distant", "changing", "trouble"})
    )
    inside = any(m.first < index < m.last or m.first == index < m.last - 1 for m in _around(page, index))
    return atom.kind == "word" and not known and not inside and index not in covered and names.slug(atom.key) != ""


def _only_hints(page: Page, index: int) -> bool:
    """A word that would hint at a type ("leaderboard") says what it is for where the type is named."""
    mention = page.found[page.covered[index]] if index in page.covered else None
    kinds = {meaning.kind for meaning in mention.meanings} if mention is not None else set()
    hinting = mention is not None and mention.last - mention.first == 1 and kinds <= {"weak", "type"}
    named = {name for name, nouns in page.wanted.anchors.items()
             if any(noun.strong | noun.soft for noun in nouns if noun.last <= index)}  # fmt: skip
    return hinting and mention is not None and {m.subject for m in mention.meanings} <= named


def _around(page: Page, index: int) -> Sequence[Mention]:
    before = [page.by_first[place] for place in range(max(0, index - 5), index + 1) if place in page.by_first]
    return [page.found[i] for i in before]


def _compared(page: Page, index: int) -> bool:
    """Inside a comparison or a tale of the past, where a name is somebody else's."""
    return index >= page.scope.aside.get(page.scope.clause[index], len(page.atoms))


def _key(page: Page, index: int) -> str:
    return page.atoms[index].key if index < len(page.atoms) else ""

"""How sure a reading is: which words went into nothing, and what the work itself left open.

The readers only propose. What they used is known by the places of their words; what is left is
judged here, with weights that were fitted on first readings (certainty.toml says which).
"""

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from provisioning.adapters.rules.gates import gate
from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.page import Page
from provisioning.adapters.rules.values import Values

FILE = Path(__file__).with_name("certainty.toml")
# One unexplained word stands in many a clear sentence; two in a row of them rarely do.
TOLD, MOST, LONGEST = 2, 5, 80


@dataclass(frozen=True, slots=True)
class Certainty:
    """`unused` are the runs of words that went into nothing, as places in the text; `facts` what
    the weights are for, by name."""

    unused: tuple[tuple[int, int], ...]
    facts: Mapping[str, float]
    gate: str = ""
    name: tuple[int, int] | None = None
    words: tuple[str, ...] = ()

    def doubt(self) -> float:
        """Between 0 and 1: how likely something is wrong, as far as the fit can tell."""
        fitted = settings()
        total = fitted.bias
        for name, value in self.facts.items():
            total += fitted.weights.get(name, 0.0) * value
        return 1 / (1 + math.exp(-total))

    def confirm(self) -> str:
        """Why the requester has to confirm, in a sentence; empty where the reading is sure enough."""
        if self.gate or self.doubt() < settings().threshold:
            return self.gate
        quoted = ", ".join(map(repr, self.words[:MOST]))
        return f"Nothing was made of {quoted}." if quoted else "The text leaves much open."

    def notable(self) -> bool:
        """Whether the unused words are worth a note: two of them, and not lost in a long text."""
        return self.count() >= TOLD and self.facts["share unused"] >= settings().note_share

    def count(self) -> int:
        return sum(last - first for first, last in self.unused)


@dataclass(frozen=True, slots=True)
class Fitted:
    bias: float
    threshold: float
    note_share: float
    weights: Mapping[str, float]


@cache
def settings() -> Fitted:
    return Fitted(**tomllib.loads(FILE.read_text(encoding="utf-8")))


def certainty(page: Page, said: Values, name: tuple[int, int] | None) -> Certainty:
    used = _used(page, said, name)
    unused = tuple(_runs(page, used))
    written = sum(1 for atom in page.atoms if atom.kind in {"word", "typo", "name"})
    left = [last - first for first, last in unused]
    alone = {place for first, last in unused for place in range(first, last)}
    facts = {
        "share unused": sum(left) / max(1, written),
        "longest run": min(max(left, default=0), 6) / 6,
        "numbers left": min(_numbers_left(page, used), 3) / 3,
        "no value": float(not any(map(_has_values, said.values.values()))),
        "without effect": min(_without_effect(page, said), 3) / 3,
        "several types": float(len(page.wanted.types) > 1),
        "no name": float(name is None),
        "only hinted": float(_only_hinted(page)),
    }
    words = tuple(page.quoted(*place)[:LONGEST] for place in unused)
    return Certainty(unused, facts, gate(page, alone), name, words)


def _only_hinted(page: Page) -> bool:
    nouns = (noun for found in page.wanted.anchors.values() for noun in found)
    return not any(noun.strong or noun.soft for noun in nouns)


def _has_values(things: object) -> bool:
    return any(things)  # type: ignore[arg-type]


def _used(page: Page, said: Values, name: tuple[int, int] | None) -> set[int]:
    used = set(range(*name)) if name else set()
    for mention in page.found:
        if _has_effect(page, said, mention):
            used.update(range(mention.first, mention.last))
    named = {place for first, last in page.others for place in range(first, last)}
    for nouns in page.wanted.anchors.values():
        for noun in nouns:
            used.update(range(noun.first, noun.last))
    used.update(_purposes(page))
    return used - named | said.read


def _has_effect(page: Page, said: Values, mention: Mention) -> bool:
    if not mention.content:
        return True
    return bool(mention.of("environment")) or not said.read.isdisjoint(
        range(mention.first, mention.last)
    )


def _purposes(page: Page) -> Iterator[int]:
    """What stands behind a "for" says what the thing is for, up to the end of the clause."""
    clause = -1
    for place in range(len(page.atoms)):
        if "purpose" in page.roles_at(place):
            clause = page.scope.clause[place]
        if page.scope.clause[place] == clause:
            yield place


def _runs(page: Page, used: set[int]) -> Iterator[tuple[int, int]]:
    start = None
    for place in range(len(page.atoms) + 1):
        if place < len(page.atoms) and _is_unexplained(page, place, used):
            start = place if start is None else start
        elif start is not None:
            yield start, place
            start = None


def _is_unexplained(page: Page, place: int, used: set[int]) -> bool:
    atom = page.atoms[place]
    if place in used or atom.kind not in {"word", "typo", "name"}:
        return False
    word = atom.key.partition("'")[0]
    if page.scope.clause[place] in page.scope.aside or word in page.vocabulary.filler:
        return False
    return atom.key not in page.vocabulary.language.numbers


def _numbers_left(page: Page, used: set[int]) -> int:
    numbers = (place for place, atom in enumerate(page.atoms) if atom.kind == "number")
    return sum(1 for place in numbers if place not in used)


def _without_effect(page: Page, said: Values) -> int:
    """Parameters and values of the wanted types that are named, and nothing came of it."""
    count = 0
    for mention in page.found:
        named = mention.of("name", "value") and not mention.of("type", "weak", "environment")
        count += bool(named) and not _has_effect(page, said, mention)
    return count

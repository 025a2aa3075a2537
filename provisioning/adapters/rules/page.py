"""Everything that was found in a text, as the readers of values see it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from provisioning.adapters.rules.amounts import Amount
from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.scope import ClauseScope
from provisioning.adapters.rules.tokens import Atom
from provisioning.adapters.rules.vocabulary import Meaning, Vocabulary
from provisioning.adapters.rules.wanted import Wanted
from provisioning.catalog.assignments import Assignment
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.paths import first_item
from provisioning.domain import ParameterValue

_OF_ALL = grammar("of all")

NUMERIC = frozenset({"integer", "number"})


@dataclass(frozen=True, slots=True)
class Claim:
    """A value, where it stands (atoms), whether it still holds, and the words that say it (characters)."""

    type: str
    path: str
    value: ParameterValue
    first: int
    last: int
    start: int
    end: int
    stands: bool = True
    rule: str = ""


@dataclass(eq=False)
class Page:
    text: str
    atoms: Sequence[Atom]
    found: Sequence[Mention]
    scope: ClauseScope
    amounts: Sequence[Amount]
    wanted: Wanted
    vocabulary: Vocabulary
    plain: str = ""
    assigned: Sequence[Assignment] = ()
    others: Sequence[tuple[int, int]] = ()
    by_first: dict[int, int] = field(default_factory=dict)
    by_last: dict[int, int] = field(default_factory=dict)
    covered: dict[int, int] = field(default_factory=dict)
    named_from: dict[str, int] = field(default_factory=dict)
    past: set[int] = field(default_factory=set)
    amount_ends: set[int] = field(default_factory=set)
    _amounts: dict[int, Amount] = field(default_factory=dict)
    _fields: dict[str, list[tuple[str, FieldSpec]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Indexes of mentions by their first and last atom; content wins over words that only play a role."""
        self._amounts = {amount.first: amount for amount in self.amounts}
        self.amount_ends = {amount.last for amount in self.amounts}
        for name, nouns in self.wanted.anchors.items():
            lasts = (noun.last for noun in nouns if noun.strong | noun.soft)
            self.named_from[name] = next(lasts, len(self.atoms) + 1)
        self.past = {self.scope.clause[self.found[index].first] for index in self.scope.past}
        for index, mention in enumerate(self.found):
            self.by_first[mention.first], self.by_last[mention.last] = index, index
            if mention.content:
                self.covered.update(dict.fromkeys(range(mention.first, mention.last), index))

    def field(self, meaning: Meaning) -> FieldSpec | None:
        if not meaning.subject:
            return self.vocabulary.catalog.platform.parameters.get(meaning.path)
        resource_type = self.vocabulary.catalog.types.get(meaning.subject)
        return resource_type.field(meaning.path) if resource_type else None

    def fields_of(self, type_name: str) -> list[tuple[str, FieldSpec]]:
        """The type's own parameters in the order of its file, then those that it shares with others."""
        if type_name not in self._fields:
            resource_type = self.vocabulary.catalog.types[type_name]
            own = resource_type.file.parameters
            fields = sorted(
                resource_type.fields(), key=lambda field: field[0].split("[")[0] not in own
            )
            self._fields[type_name] = [(first_item(path), found) for path, found in fields]
        return self._fields[type_name]

    def roles_at(self, atom: int) -> set[str]:
        index = self.by_first.get(atom)
        return self.found[index].roles() if index is not None else set()

    def owners(self, candidates: set[str], first: int, last: int) -> list[str]:
        """Which of the wanted types a value at these atoms belongs to."""
        types = [name for name in self.wanted.types if name in candidates or "" in candidates]
        if len(types) < 2 or "" in candidates or self._of_all(first, last):
            return types
        nearest = min(self.following(types, last), default=None)
        if nearest and not self._parted(last, nearest[0]):
            return [nearest[1]]
        preceding = list(self._preceding(types, first))
        return [max(preceding)[1]] if preceding else [nearest[1]] if nearest else types[:1]

    def following(self, types: Sequence[str], last: int) -> Iterator[tuple[int, str]]:
        """The first noun of each type behind an atom; nouns stand in the order of the text."""
        for name in types:
            nouns = self.wanted.anchors[name]
            place = bisect_left(nouns, last, key=attrgetter("first"))
            if place < len(nouns):
                yield nouns[place].first, name

    def _preceding(self, types: Sequence[str], first: int) -> Iterator[tuple[int, str]]:
        """The last noun of each type before an atom."""
        for name in types:
            nouns = self.wanted.anchors[name]
            place = bisect_right(nouns, first, key=attrgetter("last"))
            if place:
                yield nouns[place - 1].last, name

    def atoms_between(self, start: int, end: int) -> tuple[int, int] | None:
        """The atoms of these characters."""
        first = bisect_left(self.atoms, start, key=attrgetter("start"))
        last = bisect_left(self.atoms, end, key=attrgetter("start"))
        return (first, last) if first < last else None

    def quoted(self, first: int, last: int) -> str:
        return self.text[self.atoms[first].start : self.atoms[last - 1].end]

    def key_at(self, atom: int) -> str:
        return self.atoms[atom].key if 0 <= atom < len(self.atoms) else ""

    def kind_at(self, atom: int) -> str:
        return self.atoms[atom].kind if 0 <= atom < len(self.atoms) else ""

    def around(self, atom: int, sight: int) -> Iterator[Mention]:
        """The mentions that begin within so many atoms of this one."""
        for place in range(max(0, atom - sight), min(len(self.atoms), atom + sight)):
            if place in self.by_first:
                yield self.found[self.by_first[place]]

    def amount_at(self, atom: int) -> Amount | None:
        return self._amounts.get(atom)

    def _of_all(self, first: int, last: int) -> bool:
        return any("everything" in self.roles_at(i) or self.atoms[i].key in _OF_ALL
                   for i in range(max(0, first - 2), first)) and self.atoms[max(0, first - 1)].key != "each"  # fmt: skip

    def _parted(self, last: int, first: int) -> bool:
        """Whether more than an adjective stands between."""
        between = range(last, first)
        return len(between) > 2 or any(
            self.atoms[i].kind == "mark" or "joining" in self.roles_at(i) for i in between
        )

    def claim(
        self,
        owner: str,
        path: str,
        value: ParameterValue,
        span: tuple[int, int],
        stands: bool = True,
    ) -> Claim:
        first, last = span
        start = min(atom.start for atom in self.atoms[first:last])
        end = max(atom.end for atom in self.atoms[first:last])
        return Claim(owner, path, value, first, last, start, end, stands)

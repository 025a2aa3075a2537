"""What a text names, hints at or implies by a value: the nouns of its types."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.scope import Scope
from provisioning.adapters.rules.tokens import Atom
from provisioning.adapters.rules.vocabulary import Vocabulary


@dataclass
class Noun:
    """Neighboring mentions that speak of one thing ("RDS Postgres database"). `strong` types are named, `soft` ones follow
    from a value ("postgres"), `weak` ones are hinted at ("database"); `bearers` are all types that have such a
    value or, for a hint, a parameter of that name."""

    first: int
    last: int
    strong: set[str]
    soft: set[str]
    weak: set[str]
    bearers: set[str]
    certain: bool
    wanted: bool = True
    listed: bool = False
    definite: bool = False
    placed: bool = False

    def types(self) -> set[str]:
        return self.strong or self.soft or self.weak

    def may_mean(self) -> set[str]:
        return self.strong or self.soft | self.bearers | self.weak


def nouns_of(vocabulary: Vocabulary, atoms: Sequence[Atom], found: Sequence[Mention], scope: Scope) -> list[Noun]:
    """In the order of the text; what is denied or given up is none."""
    named = _merged(atoms, _nouns(vocabulary, found, scope))
    return named or list(_schedules(vocabulary, atoms))


def _schedules(vocabulary: Vocabulary, atoms: Sequence[Atom]) -> Iterator[Noun]:
    """ "cron(0 12 * * ? *)" alone names the type that has a schedule."""
    for index, atom in enumerate(atoms):
        if atom.kind == "schedule":
            types = {kind.name for kind in vocabulary.catalog.types.values()
                     if any(field.format == "schedule" for _, field in kind.fields())}  # fmt: skip
            yield Noun(index, index + 1, types, set(), set(), set(), certain=True)


def _nouns(vocabulary: Vocabulary, found: Sequence[Mention], scope: Scope) -> Iterator[Noun]:
    named = {meaning.subject for mention in found for meaning in mention.of("type", "weak")}
    for index, mention in enumerate(found):
        strong = {meaning.subject for meaning in mention.of("type")}
        if not {meaning.subject for meaning in mention.of("value", "name", "refused")} & named:
            strong |= {meaning.subject for meaning in mention.of("hidden")}
        weak = {meaning.subject for meaning in mention.of("weak")}
        values = mention.of("value", "refused")
        owners = {meaning.subject for meaning in values if meaning.subject}
        naming = {meaning.subject for meaning in values if vocabulary.names_type(meaning)}
        soft, bearers = (naming | (owners & strong), owners) if naming else (set(), set())
        strong -= bearers
        if weak:
            bearers = bearers | {meaning.subject for meaning in mention.of("name")}
        if (strong or soft or weak) and index not in scope.negated and index not in scope.discarded:
            yield Noun(mention.first, mention.last, strong, soft, weak, bearers, scope.stands(index))


def _merged(atoms: Sequence[Atom], nouns: Iterator[Noun]) -> list[Noun]:
    """A version may stand between ("MySQL 8.0 instance")."""
    merged: list[Noun] = []
    for noun in nouns:
        between = atoms[merged[-1].last : noun.first] if merged else ()
        near = not between or (len(between) == 1 and between[0].kind == "number")
        if merged and near and _agree(merged[-1], noun):
            merged[-1] = _joined(merged[-1], noun)
        else:
            merged.append(noun)
    return merged


def _agree(left: Noun, right: Noun) -> bool:
    """Two named types side by side are two things, unless they share a reading."""
    return not (left.strong and right.strong) or bool(left.strong & right.strong)


def _joined(left: Noun, right: Noun) -> Noun:
    strong = left.strong & right.strong or left.strong | right.strong
    soft = left.soft | right.soft
    both_weak = left.weak & right.weak
    weak = both_weak or left.weak | right.weak
    bearers = left.bearers | right.bearers
    return Noun(left.first, right.last, strong, soft, weak, bearers, left.certain and right.certain)

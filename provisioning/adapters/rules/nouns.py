"""What a text names, hints at or implies by a value: the nouns of its types."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.scope import ClauseScope
from provisioning.adapters.rules.tokens import Atom
from provisioning.adapters.rules.vocabulary import Vocabulary

AND = grammar("and")
NEAR = 2
SIGHT = 40


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


def nouns_of(
    vocabulary: Vocabulary, atoms: Sequence[Atom], found: Sequence[Mention], scope: ClauseScope
) -> list[Noun]:
    """In the order of the text; what is denied or given up is none."""
    named = _merged(atoms, _nouns(vocabulary, atoms, found, scope))
    return named or list(_schedules(vocabulary, atoms))


def _schedules(vocabulary: Vocabulary, atoms: Sequence[Atom]) -> Iterator[Noun]:
    """ "cron(0 12 * * ? *)" alone names the type that has a schedule."""
    for index, atom in enumerate(atoms):
        if atom.kind == "schedule":
            types = {kind.name for kind in vocabulary.catalog.types.values()
                     if any(field.format == "schedule" for _, field in kind.fields())}  # fmt: skip
            yield Noun(index, index + 1, types, set(), set(), set(), certain=True)


def _nouns(
    vocabulary: Vocabulary, atoms: Sequence[Atom], found: Sequence[Mention], scope: ClauseScope
) -> Iterator[Noun]:
    named = {meaning.subject for mention in found for meaning in mention.of("type", "weak")}
    often = Counter(meaning.subject for index, mention in enumerate(found) if scope.covers(index)
                    for meaning in mention.of("type"))  # fmt: skip
    for index, mention in enumerate(found):
        own = [meaning.subject for meaning in mention.of("type")]
        others = set(often - Counter(own) if scope.covers(index) else often)
        if (
            index in scope.negated
            or index in scope.discarded
            or _belongs_to(atoms, found, index, others)
        ):
            continue
        place = (
            atoms[mention.first].key in vocabulary.language.roles["preposition"]
        )  # "outside the vpc"
        kept = [meaning for meaning in mention.meanings if not (place and meaning.kind == "hidden")]
        noun = _noun(vocabulary, mention._replace(meanings=tuple(kept)), named, scope.stands(index))
        if noun.types():
            yield noun


def _noun(vocabulary: Vocabulary, mention: Mention, named: set[str], certain: bool) -> Noun:
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
    return Noun(mention.first, mention.last, strong, soft, weak, bearers, certain)


def _belongs_to(
    atoms: Sequence[Atom], found: Sequence[Mention], index: int, others: set[str]
) -> bool:
    """ "kafka with topics", "a bucket, versioned, kms": a part or a value of a type that is named elsewhere. In a list of types
    it is a type ("s3, kms and sqs")."""
    mention = found[index]
    own = {meaning.subject for meaning in mention.of("type", "weak")}
    if not own:
        return False
    if (
        others and mention.last < len(atoms) and atoms[mention.last].kind == "arn"
    ):  # "the target is a lambda arn:..."
        return True
    if {meaning.subject for meaning in mention.of("part")} & (others - own):
        return True
    values = {meaning.subject for meaning in mention.of("value")} & (others - own)
    switch = mention.last < len(atoms) and atoms[mention.last].key in {
        ":",
        "=",
    }  # "lambda. VPC: yes"
    if {meaning.subject for meaning in mention.of("name")} & (others - own) and (
        switch or _counted(atoms, mention)
    ):
        return True
    told = (
        bool(values)
        and _says_more(found, index, values, own)
        and not _listed(atoms, found, index, values)
    )
    return told or _describes(atoms, found, index, others - own)


def _counted(atoms: Sequence[Atom], mention: Mention) -> bool:
    """ "an asg with 4 ec2 instances"; but "an asg and 4 ec2 instances" are two."""
    before = atoms[max(0, mention.first - 2) : mention.first]
    return bool(before) and before[-1].kind == "number" and before[0].key not in {",", *AND}


def _says_more(found: Sequence[Mention], index: int, owners: set[str], own: set[str]) -> bool:
    """The type stands before its value, and what comes next is not of what the value would be as a type."""
    near = found[max(0, index - SIGHT) : index]
    before = any({meaning.subject for meaning in mention.of("type")} & owners for mention in near)
    behind = found[index + 1 : index + SIGHT]
    after = next((mention for mention in behind if mention.of("name", "value")), None)
    bearers = {meaning.subject for meaning in after.of("name", "value")} if after else set()
    return before and not (bearers & own and not bearers & owners)


def _describes(
    atoms: Sequence[Atom], found: Sequence[Mention], index: int, others: set[str]
) -> bool:
    """ "an asg with 2 queue workers": right before what only another type has."""
    after = found[index + 1] if index + 1 < len(found) else None
    said = (
        after is not None
        and bool(after.of("name", "value"))
        and not after.of("type", "weak", "environment")
    )
    if after is None or not said or after.first != found[index].last:
        return False
    bearers = {meaning.subject for meaning in after.of("name", "value")}
    joined = found[index].first and atoms[found[index].first - 1].key in {",", *AND}
    return (
        bool(bearers & others)
        and not joined
        and not bearers & {m.subject for m in found[index].of("type", "weak")}
    )


def _listed(atoms: Sequence[Atom], found: Sequence[Mention], index: int, owners: set[str]) -> bool:
    """Behind an article ("a kms key"), joined to what is no value of the owner, or beside a type in a list."""
    mention = found[index]
    words = [atom.key for atom in atoms[max(0, mention.first - 2) : mention.first]]
    if words[-1:] in (["a"], ["an"], ["one"]) or (words[-1:] == ["the"] and words[0] in AND):
        return True
    near = found[max(0, index - SIGHT) : index]
    before = next((one for one in reversed(near) if one.content), None)
    values = {meaning.subject for meaning in before.of("name", "value")} if before else set()
    if words[-1:] and words[-1] in AND and not values & owners:
        return True
    return any(
        {
            atom.key
            for atom in atoms[min(mention.last, other.last) : max(mention.first, other.first)]
        }
        & {",", *AND}
        for other in _types_beside(found, index)
    )


def _types_beside(found: Sequence[Mention], index: int) -> Iterator[Mention]:
    """The nearest mentions with content, where they are types and stand close by."""
    around = range(max(0, index - SIGHT), min(len(found), index + SIGHT))
    contents = [place for place in around if found[place].content]
    place = contents.index(index)
    for other in contents[max(0, place - 1) : place] + contents[place + 1 : place + 2]:
        gap = max(found[other].first, found[index].first) - min(
            found[other].last, found[index].last
        )
        if found[other].of("type") and gap <= NEAR:
            yield found[other]


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

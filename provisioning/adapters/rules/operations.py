"""What a text wants done to things that exist, and texts that want nothing made."""

import itertools
from collections.abc import Sequence

from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.scope import ClauseScope
from provisioning.adapters.rules.tokens import Atom, key

_OF_THE_NEW = grammar("of the new")
_OF_A_RULE = grammar("of a rule")

DESTRUCTIVE = (
    "The portal only creates resources; it does not delete or stop what exists ({words!r}). "
    "Remove its directory from the infrastructure repository in a pull request, or ask the platform team."
)
CHANGING = (
    "The portal only creates resources; it does not change what exists ({words!r}). "
    "Change the values in its terraform.tfvars.json in a pull request, or ask the platform team."
)

HAPPENING = grammar("happening")
LINKS = 4
FAR = 9
SIGHT = 40  # how many words or mentions around one are looked at: a text of any length is read in linear time
PRONOUNS = grammar("pronouns")


def asks(atoms: Sequence[Atom], found: Sequence[Mention], scope: ClauseScope) -> bool:
    """The text begins with a question, and no other clause wishes for something."""
    asking = next(
        (index for index, mention in enumerate(found) if "asking" in mention.roles()), None
    )
    if asking is None or not _begins_a_wish(atoms, found, asking):
        return False
    clause = scope.clause[found[asking].first]
    if clause and "?" not in {atom.key for atom in atoms[found[asking].first :]}:
        return False  # "It is called orion. What it needs is a table."
    wishes = [mention for mention in found if mention.roles() & {"creating"} or mention.of("type")]
    return all(scope.clause[wish.first] == clause for wish in wishes)


def complains(found: Sequence[Mention], scope: ClauseScope) -> bool:
    """ "the prod database is down", and nothing is named or wished for outside of it. "A topic for outage alerts" is none."""
    purposes = {scope.clause[mention.first]: index for index, mention in reversed([*enumerate(found)])
                if "purpose" in mention.roles()}  # fmt: skip
    clauses = {clause for index, mention in enumerate(found) if "trouble" in mention.roles()
               if index <= purposes.get(clause := scope.clause[mention.first], index)}  # fmt: skip
    about = [
        mention for mention in found if mention.of("type", "weak") or "creating" in mention.roles()
    ]
    return bool(clauses) and all(scope.clause[mention.first] in clauses for mention in about)


def is_told_to_be(atoms: Sequence[Atom], found: Sequence[Mention], scope: ClauseScope) -> bool:
    """ "the orders queue should keep messages for 14 days", and no other clause wishes for something."""
    subject = next((mention for mention in found if mention.of("type")), None)
    if subject is None or not _is_definite(found, subject):
        return False
    clause = scope.clause[subject.first]
    near = [mention for mention in found if 0 <= mention.first - subject.last <= LINKS]
    told = any("obligation" in one.roles() and scope.clause[one.first] == clause for one in near)
    behind = (mention for mention in found if mention.first > subject.first)
    return told and not any("creating" in mention.roles() for mention in behind)


def speaks_of_existing(atoms: Sequence[Atom], found: Sequence[Mention], scope: ClauseScope) -> bool:
    """ "our VPC needs a second gateway", "the queue in prod has 3000 messages"; no other clause wishes for something."""
    subject = next((mention for mention in found if mention.of("type")), None)
    if subject is None or not _is_definite(found, subject):
        return False
    purposes = {mention.first for mention in found if "purpose" in mention.roles()}
    place = subject.last
    while (
        place < len(atoms)
        and place not in purposes
        and place - subject.last < LINKS
        and atoms[place].kind == "word"
    ):
        if atoms[place].key in HAPPENING:
            clause = scope.clause[subject.first]
            return not any(
                "creating" in other.roles() and scope.clause[other.first] != clause
                for other in found
            )
        place += 1
    return False


def _is_definite(found: Sequence[Mention], subject: Mention) -> bool:
    """Of the words before it the nearest that plays a role points at it, and the text begins there."""
    before = [mention for mention in found if mention.last <= subject.first]
    before = [one for one in before if not one.of("environment") and not _names(found, one)]
    pointing = (
        bool(before) and "definite" in before[-1].roles() and subject.first - before[-1].last <= 2
    )
    return pointing and all(mention.roles() & {"polite"} for mention in before[:-1])


def _names(found: Sequence[Mention], verb: Mention) -> bool:
    """ "the orders queue" orders nothing."""
    pointed = any(one.last == verb.first and "definite" in one.roles() for one in found)
    return pointed and "creating" in verb.roles()


def operation(text: str, atoms: Sequence[Atom], found: Sequence[Mention], index: int) -> str | None:
    """A verb of operation where a wish begins (or ends, where a language puts verbs last), and what it is done to."""
    roles = found[index].roles()
    if not roles & {"destructive", "changing"}:
        return None
    if _ends_a_wish(text, atoms, found, index):
        return DESTRUCTIVE if "destructive" in roles else CHANGING
    if not _begins_a_wish(atoms, found, index):
        return None
    of_the_new = _of_the_new(atoms, found, index) or _sets_a_parameter(found, index)
    if _is_rule(atoms, found, index) or ("destructive" not in roles and of_the_new):
        return None
    if "destructive" in roles:
        return DESTRUCTIVE
    return CHANGING if _existing_object(atoms, found, index) else None


def _points_at_something(atoms: Sequence[Atom], found: Sequence[Mention], index: int) -> bool:
    """ "roll back yesterday's deploy of the lambda": in the same clause, before any purpose."""
    for before, mention in itertools.pairwise(found[index : index + SIGHT]):
        between = atoms[found[index].last : mention.first]
        if "purpose" in mention.roles() or any(atom.kind == "mark" for atom in between):
            return False
        if mention.of("type", "weak") and "definite" in before.roles():
            return True
    return False


def _is_rule(atoms: Sequence[Atom], found: Sequence[Mention], index: int) -> bool:
    """ "delete 30 days after upload", "purge after 2 years", "move to Glacier Deep Archive after 6 months"."""
    last = found[index].last
    following = found[index + 1] if index + 1 < len(found) else None
    if following is not None and following.first - last <= 3 and "after" in following.roles():
        return True
    behind = atoms[last : last + 4]
    if any(atom.key in _OF_A_RULE for atom in behind) or (
        bool(behind) and behind[0].kind == "number"
    ):
        return True
    clause = itertools.takewhile(lambda atom: atom.kind != "mark", atoms[last : last + FAR])
    timed = any(
        left.key == "after" and right.kind == "number" for left, right in itertools.pairwise(clause)
    )
    return timed and "destructive" not in found[index].roles()


def _of_the_new(atoms: Sequence[Atom], found: Sequence[Mention], index: int) -> bool:
    """ "a secret for billing, rotate it every 30 days", "a service, scale from 2 to 6": it is what was wished for before."""
    last = found[index].last
    behind = next(
        (mention.roles() for mention in found[index + 1 : index + 2] if mention.first == last),
        set(),
    )
    pronoun = last < len(atoms) and (
        atoms[last].key in PRONOUNS or bool(behind & {"minimum", "maximum"})
    )
    made = [
        mention
        for mention in found[max(0, index - SIGHT) : index]
        if "creating" in mention.roles() or mention.of("type", "environment")
    ]
    return pronoun and any(mention.of("type") for mention in made) and len(made) > 1


def _sets_a_parameter(found: Sequence[Mention], index: int) -> bool:
    """ "create a bucket. Turn on versioning": of what was wished for before."""
    behind = next(
        (
            mention
            for mention in found[index + 1 : index + 2]
            if mention.first - found[index].last <= 1
        ),
        None,
    )
    before = found[max(0, index - SIGHT) : index]
    wished = any("creating" in mention.roles() for mention in before) and any(
        mention.of("type") for mention in before
    )
    return (
        wished
        and behind is not None
        and bool(behind.of("name", "value"))
        and not behind.of("type", "environment")
    )


def _begins_a_wish(atoms: Sequence[Atom], found: Sequence[Mention], index: int) -> bool:
    """At the start of a clause, but for words of politeness."""
    place = found[index].first
    ends = {mention.last: mention for mention in found[max(0, index - 8) : index + 1]}
    while place > 0:
        before = ends.get(place)
        if before is not None and before.roles() & {"polite"}:
            place = before.first
            continue
        return bool(atoms[place - 1].kind == "mark" and atoms[place - 1].key in ",;.!?:\n¿¡")
    return True


def _ends_a_wish(text: str, atoms: Sequence[Atom], found: Sequence[Mention], index: int) -> bool:
    """ "die alte Datenbank löschen"; but "nach 90 Tagen löschen" is a rule."""
    mention = found[index]
    verb = atoms[mention.first]
    foreign = verb.kind == "word" and key(text[verb.start : verb.end]) != verb.key
    rest = itertools.takewhile(_same_sentence, atoms[mention.last : mention.last + SIGHT])
    last = all(atom.kind == "mark" or atom.key == "please" for atom in rest)
    if not foreign or not last:
        return False
    start = mention.first
    while start > max(0, mention.first - SIGHT) and _same_sentence(atoms[start - 1]):
        start -= 1
    before = [other for other in found[max(0, index - SIGHT) : index] if other.first >= start]
    rule = any("after" in other.roles() for other in before) or any(
        atom.kind == "number" for atom in atoms[start : mention.first]
    )
    return not rule and any(other.content for other in before)


def _same_sentence(atom: Atom) -> bool:
    return atom.key not in {".", "!", "?", "。", "！", "\n"}


def _existing_object(atoms: Sequence[Atom], found: Sequence[Mention], index: int) -> bool:
    """ "scale the cluster", "upgrade prod db": something definite, not a new thing."""
    start = found[index].last
    behind = [mention for mention in found[index + 1 : index + 3] if mention.first - start <= 2]
    if start < len(atoms) and atoms[start].key in _OF_THE_NEW:
        return False
    return _points_at_something(atoms, found, index) or any(
        mention.roles() & {"existing", "definite"} or mention.content for mention in behind[:2]
    )

"""What the portal does not do, recognized before anything else is read into a text."""

import re
from collections.abc import Sequence

from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.scope import Scope
from provisioning.adapters.rules.tokens import Atom

_CODE = re.compile(
    r"\$\{|%\{|\{\{|\{%|<\s*script|<<-?[A-Z]{2,}|`|\$\(|;\s*(?:drop|rm|curl|wget)\b"
    r"|\bfile\(|\btemplatefile\(|\.\./|/etc/|\brm\s+-rf\b"
    r"|\bdrop\s+table\b|(?:^|\n)\s*(?:resource|provider|module|provisioner|data)\s+\"|\"\s*\}"
    r"|\bjavascript:|' ?or ?'?1'?\s*=|--\s*$|\\n\s*}",
    re.IGNORECASE,
)
ATTACK = (
    "The text holds instructions or code where a wish for infrastructure belongs, so nothing of it was read. "
    "Say in plain words what you need, and choose names of letters, digits and hyphens."
)
OTHER_CLOUD = (
    "The portal provides AWS resources only; {words!r} is not one. Ask for the AWS service that does the same."
)
DESTRUCTIVE = (
    "The portal only creates resources; it does not delete or stop what exists ({words!r}). "
    "Remove its directory from the infrastructure repository in a pull request, or ask the platform team."
)
CHANGING = (
    "The portal only creates resources; it does not change what exists ({words!r}). "
    "Change the values in its terraform.tfvars.json in a pull request, or ask the platform team."
)
ACCESS = "The portal does not give people access ({words!r}). Ask the platform team or the owner of the resource."
NOTHING = (
    "That is not a request for infrastructure. "
    "Say what you need, for example: production Postgres database for payments API."
)


def attack(text: str, found: Sequence[Mention]) -> str | None:
    spoken = any("attack" in mention.roles() for mention in found)
    return ATTACK if spoken or _CODE.search(text) else None


def out_of_scope(text: str, atoms: Sequence[Atom], found: Sequence[Mention], scope: Scope) -> str | None:
    """The first reason in the order of weight. What is negated, given up or only compared with is no wish."""
    for index, mention in enumerate(found):
        if "other_cloud" in mention.roles() and not _set_aside(found, index, scope):
            return OTHER_CLOUD.format(words=_words(text, atoms, mention))
    for index, mention in enumerate(found):
        reason = _operation(atoms, found, index)
        if reason:
            return reason.format(words=_words(text, atoms, mention))
    return None


def access(text: str, atoms: Sequence[Atom], found: Sequence[Mention]) -> str | None:
    return next(
        (
            ACCESS.format(words=_words(text, atoms, m))
            for m in found
            if "access" in m.roles() and not m.of("name", "value")
        ),
        None,
    )


def _words(text: str, atoms: Sequence[Atom], mention: Mention) -> str:
    return text[atoms[mention.first].start : atoms[mention.last - 1].end][:60]


def _set_aside(found: Sequence[Mention], index: int, scope: Scope) -> bool:
    """ "moving from Azure", "not GCP", "same as in Azure"."""
    for earlier in reversed(found[max(0, index - 3) : index]):
        if scope.clause[earlier.first] != scope.clause[found[index].first]:
            return False
        if earlier.roles() & {"discarded", "negation", "reference", "past"} or "from" in earlier.roles():
            return True
    return False


def _operation(atoms: Sequence[Atom], found: Sequence[Mention], index: int) -> str | None:
    """A verb of operation where a wish begins, and what it is done to."""
    roles = found[index].roles()
    if not roles & {"destructive", "changing"} or not _begins_a_wish(atoms, found, index):
        return None
    following = found[index + 1] if index + 1 < len(found) else None
    near = following is not None and following.first - found[index].last <= 3
    if (near and following is not None and following.roles() & {"after"}) or _is_rule(atoms, found[index]):
        return None
    if "destructive" in roles:
        return DESTRUCTIVE
    return CHANGING if _existing_object(atoms, found, index) else None


def _is_rule(atoms: Sequence[Atom], mention: Mention) -> bool:
    """ "delete 30 days after upload", "purge after 2 years"."""
    behind = atoms[mention.last : mention.last + 4]
    return any(atom.key in {"after", "older"} for atom in behind) or (bool(behind) and behind[0].kind == "number")


def _begins_a_wish(atoms: Sequence[Atom], found: Sequence[Mention], index: int) -> bool:
    """At the start of a clause, but for words of politeness."""
    place = found[index].first
    ends = {mention.last: mention for mention in found[max(0, index - 8) : index + 1]}
    while place > 0:
        before = ends.get(place)
        if before is not None and before.roles() & {"polite"}:
            place = before.first
        return bool(atoms[place - 1].kind == "mark" and atoms[place - 1].key in ",;.!?:\n")
    return True


def _existing_object(atoms: Sequence[Atom], found: Sequence[Mention], index: int) -> bool:
    """ "scale the cluster", "upgrade prod db": something definite, not a new thing."""
    start = found[index].last
    behind = [mention for mention in found[index + 1 :] if mention.first - start <= 2]
    if start < len(atoms) and atoms[start].key in {"a", "an"}:
        return False
    return any(mention.roles() & {"existing", "definite"} or mention.content for mention in behind[:2])

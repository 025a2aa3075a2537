"""What the portal does not do, recognized before anything else is read into a text."""

import re
from collections.abc import Sequence

from provisioning.adapters.rules.mentions import Mention
from provisioning.adapters.rules.operations import asks, complains, operation, speaks_of_existing
from provisioning.adapters.rules.scope import ClauseScope
from provisioning.adapters.rules.tokens import Atom

CODE = re.compile(
    r"\$\{|%\{|\{\{|\{%|<\s{0,9}script|<<-?[A-Z]{2,}|\$\(|[;`]\s{0,9}(?:drop|rm|curl|wget)\b"
    r"|\bfile\(|\btemplatefile\(|\.\./|/etc/|\brm\s{1,9}-rf\b"
    r"|[\"'`};][ \t]{0,9}(?:resource|provider|module|provisioner|data)\b"
    r"|\bdrop\s{1,9}table\b|\b(?:provider|module|provisioner|data)\s{1,9}\"|\\\"|\A[^{]*[\"'`]\s{0,9}\}"
    r"|\bjavascript:|' ?or ?'?1'?\s{0,9}=|--\s{0,9}$|\\n\s{0,9}}",
    re.IGNORECASE,
)
ATTACK = (
    "The text holds instructions or code where a wish for infrastructure belongs, so nothing of it was read. "
    "Say in plain words what you need, and choose names of letters, digits and hyphens."
)
OTHER_CLOUD = "The portal provides AWS resources only; {words!r} is not one. Ask for the AWS service that does the same."
ACCESS = "The portal does not give people access ({words!r}). Ask the platform team or the owner of the resource."
EXISTING = (
    "The text speaks of something that exists; the portal only creates resources. "
    "Change the values in its terraform.tfvars.json in a pull request, or ask the platform team."
)
NO_WISH = (
    "The portal creates resources; it does not answer questions or mend what exists. "
    "Say what you need, or ask the platform team."
)
NOTHING = (
    "That is not a request for infrastructure. "
    "Say what you need, for example: production Postgres database for payments API."
)


def attack(text: str, found: Sequence[Mention]) -> str | None:
    spoken = any("attack" in mention.roles() for mention in found)
    return ATTACK if spoken or CODE.search(text) else None


def out_of_scope(
    text: str, atoms: Sequence[Atom], found: Sequence[Mention], scope: ClauseScope
) -> str | None:
    """The first reason in the order of weight. What is negated, given up or only compared with is no wish."""
    for index, mention in enumerate(found):
        if "other_cloud" in mention.roles() and not _set_aside(found, index, scope):
            return OTHER_CLOUD.format(words=_words(text, atoms, mention))
    for index, mention in enumerate(found):
        reason = operation(text, atoms, found, index)
        if reason:
            return reason.format(words=_words(text, atoms, mention))
    if speaks_of_existing(atoms, found, scope):
        return EXISTING
    return NO_WISH if asks(atoms, found, scope) or complains(found, scope) else None


def access(
    text: str, atoms: Sequence[Atom], found: Sequence[Mention], scope: ClauseScope
) -> str | None:
    asked = (
        mention
        for index, mention in enumerate(found)
        if "access" in mention.roles()
        and not mention.of("name", "value")
        and index not in scope.purposes
    )
    return next((ACCESS.format(words=_words(text, atoms, mention)) for mention in asked), None)


def _words(text: str, atoms: Sequence[Atom], mention: Mention) -> str:
    return text[atoms[mention.first].start : atoms[mention.last - 1].end][:60]


def _set_aside(found: Sequence[Mention], index: int, scope: ClauseScope) -> bool:
    """ "moving from Azure", "not GCP", "same as in Azure", "our Azure contract ended last year", or what a wish is for."""
    if index in scope.purposes or scope.clause[found[index].first] in scope.told:
        return True
    for earlier in reversed(found[max(0, index - 3) : index]):
        if scope.clause[earlier.first] != scope.clause[found[index].first]:
            return False
        if (
            earlier.roles() & {"discarded", "negation", "reference", "past"}
            or "from" in earlier.roles()
        ):
            return True
    return False

"""Whose request it is: who asks, for which team, and how the portal knows."""

from dataclasses import dataclass

from provisioning.domain.identity import Action, Caller, IdentitySource, Target
from provisioning.errors import InvalidInputError
from provisioning.identity import rights
from provisioning.identity.backstage import as_ref
from provisioning.models import Person, Team

GROUP = "group:"


@dataclass(frozen=True, slots=True)
class Requester:
    """`ref` is an entity ref of Backstage where one is known. `source` says whether somebody proved to be this person or a
    program only said so."""

    name: str
    ref: str
    source: IdentitySource


def requester_of(caller: Caller, claimed: str | None) -> Requester:
    """A person speaks for themselves; naming somebody else needs the right to. Raises `InvalidInputError`."""
    if not claimed:
        return Requester("" if caller.is_program else caller.name, caller.ref, caller.source)
    if caller.is_called(claimed):
        return Requester(claimed, caller.ref, caller.source)
    if rights.may(caller, Action.NAME_ANOTHER):
        return _claimed(caller, claimed)
    if caller.is_program:
        reason = "The token needs the scope on-behalf-of to name a requester."
    else:
        reason = f"You are signed in as {caller.name}; leave out requester."
    raise InvalidInputError("requester", reason)


def _claimed(caller: Caller, claimed: str) -> Requester:
    """An entity ref comes from a Backstage whose program speaks for its users; a person here may have it."""
    ref = as_ref(claimed)
    if not ref:
        return Requester(claimed, "", caller.source)
    person = Person.objects.select_related("user").filter(backstage_ref=ref).first()
    return Requester(str(person or ref), ref, IdentitySource.BACKSTAGE_CLAIMED)


def team_of(caller: Caller, named: str) -> str:
    """The team by its name here. One of the caller's, or any for who may name another requester. A program of one team asks
    for that team. Raises `InvalidInputError`."""
    team = _by_ref(named) if named.lower().startswith(GROUP) else named
    if not team:
        return caller.teams[0] if caller.is_program and caller.teams else ""
    if caller.is_in(team) or rights.may(caller, Action.NAME_ANOTHER, Target(team=team)):
        return team
    own = f"yours: {', '.join(caller.teams)}" if caller.teams else "none: you are in no team"
    raise InvalidInputError("team", f"{team} is not a team of yours. Name one of {own}.")


def _by_ref(ref: str) -> str:
    """Raises `InvalidInputError` for a group that no team here is."""
    found = Team.objects.filter(backstage_ref__iexact=ref).first()
    if found is None:
        raise InvalidInputError(
            "team", f"No team here is {ref[:200]}. An administrator can say which is."
        )
    return found.name

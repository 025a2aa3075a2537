"""Which team may ask for which type in which environment: `[[allow]]` of platform.toml."""

from collections.abc import Iterable, Sequence

from provisioning.catalog.platform_format import Allow
from provisioning.domain import Resource
from provisioning.errors import NotAllowedError

ANY = "*"


def may_ask(allow: Sequence[Allow], teams: Iterable[str], type_name: str, environment: str) -> bool:
    """True where nothing is configured, or where an entry names the type and environment for one of the teams."""
    if not allow:
        return True
    # Single sign-on and platform.toml may write one team with other capitals.
    named = {team.casefold() for team in teams}
    return any(_covers(entry, named, type_name, environment) for entry in allow)


def refuse_what_is_not_allowed(
    allow: Sequence[Allow], team: str, resources: Iterable[Resource]
) -> None:
    """Raises `NotAllowedError` that names everything which the request's team may not ask for."""
    refused = [
        f"{one.type} in {one.environment.value}"
        for one in resources
        if not may_ask(allow, [team], one.type, str(one.environment.value))
    ]
    if not refused:
        return
    who = f"The team {team}" if team else "A request without a team"
    raise NotAllowedError(
        f"{who} may not ask for {', '.join(refused)}. "
        "Name another team of yours, or ask the platform team to allow it."
    )


def _covers(entry: Allow, teams: set[str], type_name: str, environment: str) -> bool:
    return (
        (entry.team == ANY or entry.team.casefold() in teams)
        and _names(entry.types, type_name)
        and _names(entry.environments, environment)
    )


def _names(listed: Sequence[str], name: str) -> bool:
    return ANY in listed or name in listed

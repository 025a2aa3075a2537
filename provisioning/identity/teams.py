"""Teams and the names that other systems have for them."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from provisioning.errors import InvalidInputError, NotPossibleError
from provisioning.models import Team
from provisioning.trail import record
from provisioning.trail.record import TrailEntry

NAMES = ("oidc_groups", "backstage_ref", "github_slug")


@transaction.atomic
def make(name: str, other_names: Mapping[str, Any]) -> Team:
    """Raises `InvalidInputError` for a name that a team has, whatever its case."""
    team = Team(name=name, **other_names)
    _save(team)
    _record("team.made", team)
    return team


@transaction.atomic
def rename_elsewhere(team: Team, other_names: Mapping[str, Any]) -> None:
    """The team's own name stays: requests and tags hold it."""
    before = {name: getattr(team, name) for name in NAMES}
    if before == dict(other_names):
        return
    for name in NAMES:
        setattr(team, name, other_names[name])
    _save(team)
    _record("team.changed", team, before=before, after=dict(other_names))


@transaction.atomic
def remove(team: Team) -> None:
    """Raises `NotPossibleError` while somebody is in it or a token is limited to it."""
    if team.members.exists() or team.tokens.exists():
        raise NotPossibleError("People or tokens belong to the team: move them first.")
    _record("team.removed", team)
    team.delete()


def _save(team: Team) -> None:
    try:
        # A savepoint: after a refusal the caller's transaction can go on.
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        field = "backstage_ref" if "backstage_ref" in str(error) else "name"
        raise InvalidInputError(field, "Another team has this name.") from None


def _record(action: str, team: Team, **data: object) -> None:
    record.record(TrailEntry(action, "team", team.name, data=data))

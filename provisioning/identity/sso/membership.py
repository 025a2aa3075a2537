"""Teams and roles of somebody whom the provider vouches for, at each of their sign-ins."""

from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from provisioning import wiring
from provisioning.domain.identity import Role
from provisioning.errors import NotPossibleError
from provisioning.identity import addresses, administration
from provisioning.identity.sso.claims import Identity
from provisioning.models import Person, Team

EVERYBODY = "*"


def is_admitted(identity: Identity) -> bool:
    """Whether somebody without an account gets one."""
    admitted = set(wiring.portal().oidc_admit_groups)
    if EVERYBODY in admitted:
        return True
    return not admitted.isdisjoint(identity.groups or ())


@transaction.atomic
def confirm(person: Person, identity: Identity) -> None:
    """The provider decides about the teams and roles for which groups are configured, and about no others. Where it tells
    no groups, they are lost: who cannot be vouched for is not."""
    person.confirmed_at = timezone.now()
    person.save(update_fields=["confirmed_at"])
    groups = identity.groups or frozenset()
    addresses.change(person, identity.address)
    _give_roles(person, groups)
    _give_teams(person, groups)


def _give_roles(person: Person, groups: frozenset[str]) -> None:
    governed = dict(_governed_roles())
    kept = {Role(role) for role in person.roles} - governed.keys()
    given = {role for role, names in governed.items() if not names.isdisjoint(groups)}
    try:
        administration.set_roles(person, frozenset(kept | given))
    except NotPossibleError:  # the last administrator stays one, or nobody could let them in again
        administration.set_roles(person, frozenset(kept | given | {Role.ADMIN}))


def _governed_roles() -> Iterator[tuple[Role, set[str]]]:
    portal = wiring.portal()
    for role, names in (
        (Role.PLATFORM, portal.oidc_platform_groups),
        (Role.AUDITOR, portal.oidc_auditor_groups),
        (Role.ADMIN, portal.oidc_admin_groups),
    ):
        if names:
            yield role, set(names)


def _give_teams(person: Person, groups: frozenset[str]) -> None:
    teams = set(person.teams.all())
    for team in Team.objects.exclude(oidc_groups=[]):
        if groups.isdisjoint(team.oidc_groups):
            teams.discard(team)
        else:
            teams.add(team)
    administration.set_teams(person, teams)

"""Who a bearer token speaks for: the portal's own, or a Backstage's."""

import logging
from dataclasses import replace

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import IntegrityError, transaction

from provisioning import wiring
from provisioning.adapters.backstage import BackstageUnreadError, groups_of
from provisioning.domain.identity import Caller, IdentitySource, Scope
from provisioning.errors import NotAllowedError
from provisioning.identity import backstage, tokens
from provisioning.identity.backstage import BackstageUser
from provisioning.identity.people import caller_of_person
from provisioning.models import Person, Team
from provisioning.trail import record
from provisioning.trail.record import TrailEntry

logger = logging.getLogger(__name__)
# What somebody may through Backstage, whatever their roles: its pages show and ask, no more.
SCOPES = frozenset({Scope.READ, Scope.REQUEST})
# Each call would ask Backstage otherwise; a group that somebody left counts for so long at most.
GROUPS_KEPT_SECONDS = 300


def caller_of_bearer(text: str) -> Caller | None:
    """None for every token that is not good now. Raises `NotAllowedError` for a user of Backstage whom nobody here is, and
    `UpstreamUnreachableError` while Backstage's keys cannot be had."""
    if not backstage.is_backstages(text):
        return tokens.caller_of_token(text)
    found = backstage.verified(text)
    return _caller(found) if found else None


def _caller(found: BackstageUser) -> Caller | None:
    person = _person(found.ref)
    if not person.user.is_active:
        return None
    caller = caller_of_person(person, person.user, IdentitySource.BACKSTAGE_VERIFIED)
    teams = dict.fromkeys((*caller.teams, *_teams(found)))
    return replace(caller, teams=tuple(teams), scopes=SCOPES, client=found.client)


def _person(ref: str) -> Person:
    known = _known(ref)
    if known is None and wiring.portal().backstage_new_people:
        _make_person(ref)
        known = _known(ref)
    if known is None:
        raise NotAllowedError(
            f"Nobody here is {ref}. An administrator can write it on your page of the portal."
        )
    return known


def _known(ref: str) -> Person | None:
    return Person.objects.select_related("user").filter(backstage_ref=ref).first()


def _make_person(ref: str) -> None:
    """An account that nobody signs in to. Two first calls at once make one; none is made anew of one whose ref an
    administrator took off."""
    try:
        with transaction.atomic():
            user = User.objects.create_user(ref)
            Person.objects.filter(user=user).update(backstage_ref=ref)
            record.record(TrailEntry("person.created", "person", str(user.pk)), actor=ref)
    except IntegrityError:
        pass


def _teams(found: BackstageUser) -> list[str]:
    """The portal's teams that Backstage's groups of the user mean. None while Backstage does not say."""
    named = Team.objects.exclude(backstage_ref="")
    if not named.exists():
        return []
    groups = {ref.lower() for ref in _groups(found)}
    return [team.name for team in named if team.backstage_ref.lower() in groups]


def _groups(found: BackstageUser) -> tuple[str, ...]:
    key = f"groups-of-{found.ref}"
    known: tuple[str, ...] | None = cache.get(key)
    if known is None:
        known = _groups_now(found)
        cache.set(key, known, GROUPS_KEPT_SECONDS)
    return known


def _groups_now(found: BackstageUser) -> tuple[str, ...]:
    try:
        return groups_of(str(wiring.portal().backstage_url), found.token)
    except BackstageUnreadError as error:
        logger.warning("Groups of %s: %s", found.ref, error)
        return ()

"""What administrators change about people. Each change is an event of the trail, in the same transaction."""

from collections.abc import Iterable
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import connection, transaction

from provisioning.domain.identity import Caller, Role
from provisioning.errors import NotAllowedError, NotPossibleError
from provisioning.identity import sessions
from provisioning.models import Person, Team
from provisioning.trail import record
from provisioning.trail.record import TrailEntry

# Whoever may take the right to administer from others takes turns: two who remove each other at once must not both succeed.
TURNS = 0x6164_6D69
LAST = "Somebody has to administer the portal: make somebody else an administrator first."


@transaction.atomic
def set_roles(person: Person, roles: frozenset[Role], by: Caller | None = None) -> None:
    """Raises `NotPossibleError` where no administrator would be left, `NotAllowedError` where `by` is none any more."""
    _wait_for_turn(by)
    # While this one waited, somebody else may have changed the roles.
    person.refresh_from_db()
    before, after = sorted(person.roles), sorted(role.value for role in roles)
    if before == after:
        return  # nothing changed, so the trail tells nothing
    if Role.ADMIN not in roles:
        _leave_an_administrator(person)
    person.roles = after
    person.save(update_fields=["roles"])
    _record("person.roles_changed", person, before=before, after=after)


@transaction.atomic
def set_teams(person: Person, teams: Iterable[Team]) -> None:
    wanted = set(teams)
    before = set(person.teams.all())
    if before == wanted:
        return
    person.teams.set(wanted)
    names = {"before": _names(before), "after": _names(wanted)}
    _record("person.teams_changed", person, **names)


@transaction.atomic
def disable(person: Person, by: Caller) -> None:
    """From the next call on: their sessions end, their tokens are refused. Raises as `set_roles` does."""
    _wait_for_turn(by)
    # A slip would lock out whoever could undo it.
    if person.user_id == by.user:
        raise NotPossibleError("Somebody else has to disable you.")
    _leave_an_administrator(person)
    # Only the call that changes the row records it: of two at once, one does.
    if User.objects.filter(pk=person.user_id, is_active=True).update(is_active=False):
        sessions.end_all(person.user)
        _record("person.disabled", person)


@transaction.atomic
def enable(person: Person, by: Caller) -> None:
    _wait_for_turn(by)
    if User.objects.filter(pk=person.user_id, is_active=False).update(is_active=True):
        _record("person.enabled", person)


@transaction.atomic
def end_sessions(person: Person) -> None:
    ended = sessions.end_all(person.user)
    _record("person.signed_out", person, sessions=ended)


@transaction.atomic
def forget_factors(person: Person) -> None:
    """For somebody who lost their telephone: they sign in with the first factor alone and set up others."""
    removed, _ = Authenticator.objects.filter(user=person.user).delete()
    _record("person.factors_removed", person, factors=removed)


def _wait_for_turn(by: Caller | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURNS])
    if by is not None and not _administrators().filter(pk=by.person).exists():
        raise NotAllowedError("You are not an administrator any more.")


def _administrators() -> Any:
    return Person.objects.filter(roles__contains=[Role.ADMIN.value], user__is_active=True)


def _leave_an_administrator(person: Person) -> None:
    administrators = _administrators()
    is_one = administrators.filter(pk=person.pk).exists()
    if is_one and not administrators.exclude(pk=person.pk).exists():
        raise NotPossibleError(LAST)


def _names(teams: Iterable[Team]) -> list[str]:
    return sorted(team.name for team in teams)


def _record(action: str, person: Person, **data: object) -> None:
    record.record(TrailEntry(action, "person", str(person.user_id), data=data))

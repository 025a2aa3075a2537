"""Django's users as callers."""

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models.signals import post_save
from django.dispatch import receiver

from provisioning.domain.identity import Caller, IdentitySource, Role, folded
from provisioning.identity import addresses
from provisioning.models import Person
from provisioning.trail import record
from provisioning.trail.record import TrailEntry

# Whoever makes the first account by command runs the portal: they may do what both roles may.
OF_A_SUPERUSER = [Role.ADMIN.value, Role.PLATFORM.value]


@receiver(post_save, sender=User, dispatch_uid="person_of_each_user")
def make_person(sender: type[User], instance: User, created: bool, raw: bool, **_: object) -> None:
    """Each user has a person from the start, so that nobody who reads one has to ask whether it is there."""
    # Not while fixtures are loaded: they bring the person themselves.
    if created and not raw:
        roles = OF_A_SUPERUSER if instance.is_superuser else []
        Person.objects.create(user=instance, address=addresses.free(instance.email), roles=roles)


def caller_of_user(user: User) -> Caller:
    """Two statements: the person, and the names of their teams."""
    person = Person.objects.get(user=user)
    return caller_of_person(person, user, IdentitySource.SESSION)


def caller_of_person(person: Person, user: User, source: IdentitySource) -> Caller:
    return Caller(
        name=person.address or user.get_username(),
        source=source,
        person=person.pk,
        user=user.pk,
        # Former addresses, too: what was asked for under them stays theirs.
        names=folded(
            (user.get_username(), person.address, *person.former_addresses, person.backstage_ref)
        ),
        teams=tuple(person.teams.values_list("name", flat=True)),
        roles=frozenset(Role(role) for role in person.roles),
        ref=person.backstage_ref,
    )


@receiver(user_logged_in, dispatch_uid="sign_in_in_the_trail")
def signed_in(sender: type[User], user: User, **_: object) -> None:
    record.record(TrailEntry("signin.succeeded", "person", str(user.pk)), actor=user.get_username())


@receiver(user_logged_out, dispatch_uid="sign_out_in_the_trail")
def signed_out(sender: type[User], user: User | None, **_: object) -> None:
    if user is not None:
        record.record(TrailEntry("signin.ended", "person", str(user.pk)), actor=user.get_username())


@receiver(user_login_failed, dispatch_uid="failed_sign_in_in_the_trail")
def not_signed_in(sender: object, credentials: dict[str, object], **_: object) -> None:
    """The name that was tried, never the password."""
    tried = str(credentials.get("username", ""))
    record.record(TrailEntry("signin.failed", "person", result="failed"), actor=tried)


@receiver(authenticator_added, dispatch_uid="factor_in_the_trail")
def factor_added(sender: object, user: User, authenticator: Authenticator, **_: object) -> None:
    _factor("added", user, authenticator)


@receiver(authenticator_removed, dispatch_uid="factor_gone_in_the_trail")
def factor_removed(sender: object, user: User, authenticator: Authenticator, **_: object) -> None:
    _factor("removed", user, authenticator)


@receiver(authentication_failed, dispatch_uid="failed_factor_in_the_trail")
def factor_failed(sender: object, user: User, authenticator: Authenticator, **_: object) -> None:
    _factor("failed", user, authenticator)


def _factor(what: str, user: User, authenticator: Authenticator) -> None:
    data = {"type": authenticator.type}
    result = "failed" if what == "failed" else "done"
    entry = TrailEntry(f"factor.{what}", "person", str(user.pk), result, data)
    record.record(entry, actor=user.get_username())

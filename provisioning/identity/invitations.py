"""How people come in: an administrator invites an address and hands over a link that works once. The portal sends no mail."""

from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from provisioning.errors import InvalidInputError
from provisioning.identity import addresses
from provisioning.models import Person
from provisioning.trail import record
from provisioning.trail.record import TrailEntry


class InvitationTokens(PasswordResetTokenGenerator):
    """Used up by the password that is set with it and by any sign-in, and too old after PASSWORD_RESET_TIMEOUT."""

    key_salt = "provisioning.identity.invitations"


tokens = InvitationTokens()


@transaction.atomic
def invite(address: str) -> Person:
    """Raises `InvalidInputError` for what is no address, and for one that somebody has or had."""
    wanted = address.strip().lower()
    try:
        validate_email(wanted)
    except ValidationError:
        raise InvalidInputError("address", "This is not an e-mail address.") from None
    name, free = addresses.free_names(wanted)
    if not free:
        raise InvalidInputError("address", "Somebody has this address, or had it before.")
    user = User.objects.create_user(name, free)
    record.record(TrailEntry("person.invited", "person", str(user.pk)))
    return Person.objects.get(user=user)


def link_for(person: Person) -> str:
    """The path of a link that sets a password, for somebody invited or somebody who forgot theirs. An earlier one works on."""
    record.record(TrailEntry("person.link_made", "person", str(person.user_id)))
    return reverse("invitation", args=[person.user_id, tokens.make_token(person.user)])


def invited_by(pk: int, token: str) -> User | None:
    """Whose link it is; None for one that was used, is too old or was never made."""
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user is not None and tokens.check_token(user, token) else None


def pending(address: str) -> User | None:
    """Who was invited under this address and has never been here."""
    if not address:
        return None
    # Only who was never here: no address may lead to an account that is in use.
    nobody_yet = User.objects.filter(last_login=None, is_active=True, socialaccount=None)
    fresh = nobody_yet.filter(person__address__iexact=address)
    return next((user for user in fresh if not user.has_usable_password()), None)

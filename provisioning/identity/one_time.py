"""Sign-in links that work once: `manage.py dev` prints one, so that nobody has to keep its first password."""

from django.contrib.auth.models import User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse


class OneTimeTokens(PasswordResetTokenGenerator):
    """Django's tokens for a forgotten password hold the time of the last sign-in, so the sign-in itself uses them up; they also
    end with a new password and after PASSWORD_RESET_TIMEOUT. The salt keeps the two kinds apart."""

    key_salt = "provisioning.identity.one_time"


tokens = OneTimeTokens()


def path_for(user: User) -> str:
    return reverse("login_once", args=[user.pk, tokens.make_token(user)])

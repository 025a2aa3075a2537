"""The means by which somebody signs in."""

from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User


@dataclass(frozen=True, slots=True)
class Means:
    """`factors` are second ones; codes to recover them are none."""

    has_password: bool
    factors: int
    sessions: int
    is_connected: bool


def means_of(user: User) -> Means:
    codes = Authenticator.Type.RECOVERY_CODES
    return Means(
        has_password=user.has_usable_password(),
        factors=Authenticator.objects.filter(user=user).exclude(type=codes).count(),
        sessions=UserSession.objects.filter(user=user).count(),
        is_connected=SocialAccount.objects.filter(user=user).exists(),
    )

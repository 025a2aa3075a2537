"""What allauth asks the portal while somebody signs in through the provider."""

import logging
from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import Provider
from allauth.socialaccount.signals import social_account_added
from django.contrib.auth.models import User
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import reverse

from provisioning.identity import addresses, invitations
from provisioning.identity.sso import membership
from provisioning.identity.sso.fetching import BoundedSession
from provisioning.identity.sso.provider import SingleSignOn, configured
from provisioning.models import Person
from provisioning.trail import record
from provisioning.trail.record import TrailEntry

logger = logging.getLogger(__name__)


class SingleSignOnHooks(DefaultSocialAccountAdapter):  # type: ignore[misc]  # untyped
    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        app = configured()
        return [app] if app else []

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> Provider:
        """Raises `SocialApp.DoesNotExist` where none is configured."""
        return SingleSignOn(request, app=self.get_app(request, provider=provider))

    def get_requests_session(self) -> BoundedSession:
        return BoundedSession()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Somebody known is confirmed. Somebody unknown whose verified address was invited, and who has never signed in,
        is the one who was invited: no other account is ever found by its address."""
        if sociallogin.is_existing:
            # A disabled person is turned away after this; groups must not change them meanwhile.
            if sociallogin.user.is_active:
                membership.confirm(Person.objects.get(user=sociallogin.user), sociallogin.identity)
            return
        invited = invitations.pending(sociallogin.identity.address)
        # Who connects is signed in: the provider's account becomes theirs, not the invited one's.
        if invited is not None and sociallogin.state.get("process") != "connect":
            sociallogin.connect(request, invited)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return membership.is_admitted(sociallogin.identity)

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Named by the verified address, where nobody else has it: any other claim is for people to choose, and a name
        means whose requests one sees."""
        user: User = sociallogin.user
        address = sociallogin.identity.address
        user.username, user.email = addresses.free_names(address)
        # The provider alone says who they are: a password would outlive its saying no.
        user.set_unusable_password()
        sociallogin.save(request)
        membership.confirm(Person.objects.get(user=user), sociallogin.identity)
        record.record(TrailEntry("person.admitted", "person", str(user.pk)), actor=user.username)
        return user

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: SocialAccount) -> str:
        return reverse("account")

    def on_authentication_error(self, request: HttpRequest, provider: Provider, **why: Any) -> None:
        """The reason is for operators. Whoever tried is told that it failed, and not what a check was about."""
        reason = why.get("exception") or why.get("error")
        logger.warning("A sign-in through the provider failed: %s", reason)
        record.record(TrailEntry("signin.failed", "sso", result="failed"))


@receiver(social_account_added, dispatch_uid="connected_in_the_trail")
def connected(sender: type[SocialLogin], sociallogin: SocialLogin, **_: object) -> None:
    """From now on they may sign in through the provider, and the provider decides what it decides of others."""
    user = sociallogin.user
    record.record(TrailEntry("person.connected", "person", str(user.pk)))
    membership.confirm(Person.objects.get(user=user), sociallogin.identity)

"""Who calls the API: one token from the settings, a signed-in person, or anybody in the loopback demo."""

import hmac
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from provisioning import wiring
from provisioning.errors import InvalidInputError
from provisioning.models import ProvisionRequest
from provisioning.requests import services


@dataclass(frozen=True)
class Caller:
    """`user` is None for a program: it may speak for any requester and see every request."""

    user: User | None

    def visible(self) -> QuerySet[ProvisionRequest]:
        return services.visible_to(self.user) if self.user else ProvisionRequest.objects.all()

    def requester(self, claimed: str | None) -> str:
        """A person speaks for themselves; only staff and programs name somebody else."""
        if self.user is None or self.user.is_staff:
            return claimed or (self.user.get_username() if self.user else "")
        own = {self.user.get_username(), self.user.email} - {""}
        if claimed and claimed not in own:
            raise InvalidInputError(
                "requester",
                f"You are signed in as {self.user.get_username()}; leave out requester.",
            )
        return claimed or self.user.email or self.user.get_username()


class Token(HttpBearer):
    openapi_bearerFormat = "opaque"

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        expected = wiring.portal().api_token
        if expected is None or not hmac.compare_digest(
            token.encode(), expected.get_secret_value().encode()
        ):
            return None
        return Caller(None)


class Session(SessionAuth):
    """A browser's session. Its cookie comes along by itself, so a call that changes something proves where it comes from;
    a call without a session is not asked for that proof."""

    def __init__(self) -> None:
        super().__init__(csrf=False)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller | None:
        user: User | AnonymousUser = request.user
        if not user.is_authenticated:
            return None
        if check_csrf(request):
            raise HttpError(
                403, "Send the X-CSRFToken header with the value of the csrftoken cookie."
            )
        return Caller(user)


def demo(request: HttpRequest) -> Any:
    """The demo listens on this machine only and says so on every page. Another site's page in the same browser is not this
    machine's owner."""
    from_here = request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
    return Caller(None) if wiring.portal().demo and from_here else None

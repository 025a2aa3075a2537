"""What allauth asks the portal about accounts."""

from ipaddress import ip_address

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from provisioning.trail.addresses import client_address

NOWHERE = "0.0.0.0"  # noqa: S104  an address to write down, none to listen at


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # untyped
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are invited; single sign-on decides for itself."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the trail knows, too. A call without one comes from a command or a test."""
        address = client_address(request)
        try:
            return str(ip_address(address))
        except ValueError:
            return NOWHERE

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """The portal sends no mail: it would need a server that it has not."""

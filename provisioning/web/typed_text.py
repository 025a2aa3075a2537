"""What somebody typed before it turned out that they have to sign in. Their session keeps it until they are back."""

from django.http import HttpRequest

from provisioning.identity import limits
from provisioning.identity.limits import Kind
from provisioning.pipeline.screen import MAX_CHARACTERS
from provisioning.trail.addresses import client_address

KEPT = "typed"
LONGEST = {"text": MAX_CHARACTERS, "environment": 40, "team": 100, "service": 100}
HOUR = 3600


def keep(request: HttpRequest) -> None:
    """A visitor's session is a row of the database, so an address gets so many as it may try to sign in."""
    typed = {name: request.POST.get(name, "")[:most] for name, most in LONGEST.items()}
    if not typed["text"].strip():
        return
    allowance = limits.count(Kind.SIGN_IN, f"typed {client_address(request)}")
    if allowance is None or not allowance.is_exceeded:
        request.session[KEPT] = typed
        request.session.set_expiry(HOUR)


def given_back(request: HttpRequest) -> dict[str, str]:
    """Once; empty where nothing was kept."""
    found: dict[str, str] = request.session.pop(KEPT, {})
    return found

"""Who calls the API: a token, a signed-in person, or anybody on this machine in the loopback demo."""

from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth
from ninja.utils import check_csrf

from provisioning import wiring
from provisioning.api.errors import ProofMissingError
from provisioning.api.this_machine import from_this_machine
from provisioning.domain.identity import Action, Caller, IdentitySource, Scope, Target
from provisioning.errors import NotAllowedError
from provisioning.identity import people, rights, strangers, tokens
from provisioning.identity.bearers import caller_of_bearer
from provisioning.identity.denials import note_denial
from provisioning.trail import record
from provisioning.trail.addresses import client_address
from provisioning.trail.record import TrailEntry

# Whoever reaches a loopback address owns the machine; the demo's pages still ask for a sign-in.
DEMO_CALLER = Caller(
    "demo",
    IdentitySource.DEMO,
    scopes=frozenset({Scope.READ, Scope.REQUEST, Scope.ON_BEHALF_OF, Scope.METRICS}),
)


class Token(HttpBearer):
    openapi_bearerFormat = "opaque"

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        """Raises `TooManyCallsError` for an address that tries one wrong token after another."""
        caller = caller_of_bearer(token)
        if caller is None:
            prefix = tokens.shown_part(token)
            entry = TrailEntry("token.refused", "token", prefix, result="refused")
            strangers.note_refusal(entry, client_address(request))
        return _known(caller)


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
            raise ProofMissingError
        return _known(people.caller_of_user(user))


def demo(request: HttpRequest) -> Caller | None:
    """The demo is open to callers of this machine at a server that listens to this machine only, and says so on every page.
    Another site's page in the same browser is not this
    machine's owner."""
    from_here = request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
    is_open = wiring.portal().demo and from_here and from_this_machine(request)
    return _known(DEMO_CALLER) if is_open else None


def _known(caller: Caller | None) -> Caller | None:
    """What is recorded while this call is served says who made it."""
    if caller is not None:
        record.known(caller)
    return caller


def caller_of(request: HttpRequest) -> Caller:
    caller: Caller = request.auth  # type: ignore[attr-defined]  # set by ninja
    return caller


def require(caller: Caller, action: Action, target: Target | None = None) -> None:
    """Raises `NotAllowedError` with the sentence that says who may; the attempt is in the trail."""
    decision = rights.decide(caller, action, target)
    if not decision.allowed:
        note_denial(action, "api")
        raise NotAllowedError(decision.reason)

"""One of everything that an address may name, and everybody who may call it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from provisioning.domain import Submission
from provisioning.domain.identity import Role, Scope
from provisioning.identity import invitations, one_time, tokens
from provisioning.identity.people import caller_of_user
from provisioning.identity.tokens import Holder
from provisioning.models import Person, ProvisionRequest, RequestEvent, Team, TrailEvent
from provisioning.requests import services, tasks
from provisioning.trail import record
from provisioning.trail.record import TrailEntry
from tests.support.people import make_user

PEOPLE: dict[str, tuple[str, tuple[Role, ...]]] = {
    "owner": ("payments", ()),
    "teammate": ("payments", ()),
    "stranger": ("search", ()),
    "platform": ("platform", (Role.PLATFORM,)),
    "auditor": ("finance", (Role.AUDITOR,)),
    "admin": ("it", (Role.ADMIN,)),
}
SCOPES = {
    "token read": {Scope.READ},
    "token request": {Scope.REQUEST},
    "token on-behalf-of": {Scope.ON_BEHALF_OF},
    "token metrics": {Scope.METRICS},
    "token admin": {Scope.ADMIN},
    "token of search": {Scope.READ, Scope.REQUEST},
    "token of owner": {Scope.READ, Scope.REQUEST},
    "token of stranger": {Scope.READ, Scope.REQUEST},
}
NO_GOOD = ("token revoked", "token expired", "token of disabled", "token made up")
TOKENS = (*SCOPES, *NO_GOOD)
CALLERS = ("anonymous", *PEOPLE, "superuser", *TOKENS)
TEXT = "production S3 bucket for logs"


@dataclass(frozen=True)
class World:
    """`places` fill the parts of addresses; `call_as` gives a fresh browser or program of each caller."""

    places: dict[str, str]
    users: dict[str, User]
    texts: dict[str, str]

    def call_as(self, who: str) -> tuple[Client, dict[str, str]]:
        client = Client(SERVER_NAME="localhost")
        if who in self.users:
            client.force_login(self.users[who])
        text = self.texts.get(who)
        return client, {"Authorization": f"Bearer {text}"} if text else {}


def build(portal: Callable[..., None]) -> World:
    portal(demo=False)
    users = {name: make_user(name, team, roles=roles) for name, (team, roles) in PEOPLE.items()}
    users["superuser"] = User.objects.create_superuser("superuser", "superuser@example.com")
    for user in users.values():
        user.set_password("a long pass phrase")
        user.save()
    row = _request_of(users["owner"])
    opened = row.opened
    assert opened is not None
    stored, _ = tokens.issue("laptop", frozenset({Scope.READ}), _of(users["owner"]), "owner")
    record.record(TrailEntry("token.issued"))
    event = RequestEvent.objects.filter(provision_request=row).latest("id")
    guest = Person.objects.get(user=make_user("guest", "guests"))
    places = {
        "request_id": row.request_id,
        "number": str(opened.number),
        "token": str(stored.pk),
        "event": str(TrailEvent.objects.latest("id").pk),
        "person": str(guest.pk),
        "team": str(guest.teams.get().pk),
        "invitation": invitations.link_for(Person.objects.get(user=make_user("invited"))),
        "once": one_time.path_for(make_user("newcomer")),
        "provisionrequest": str(row.pk),
        "requestevent": str(event.pk),
        "pullrequest": str(opened.pk),
        "user": str(users["owner"].pk),
        "group": str(Group.objects.create(name="a group").pk),
    }
    return World(places, users, _texts(users))


def _request_of(owner: User) -> ProvisionRequest:
    asked = Submission(TEXT, owner.email, "payments")
    row = services.submit(asked, caller=caller_of_user(owner))
    tasks.run_request(row.request_id)
    return ProvisionRequest.objects.get(pk=row.pk)


def _of(user: User) -> Holder:
    return Holder(Person.objects.get(user=user))


def _texts(users: dict[str, User]) -> dict[str, str]:
    holders = {
        "token of search": Holder(team=Team.objects.get(name="search")),
        "token of owner": _of(users["owner"]),
        "token of stranger": _of(users["stranger"]),
    }
    texts = {}
    for name, scopes in SCOPES.items():
        _, texts[name] = tokens.issue(name, frozenset(scopes), holders.get(name, Holder()), "root")
    return texts | _useless()


def _useless() -> dict[str, str]:
    every = frozenset(Scope)
    stored, revoked = tokens.issue("revoked", every, Holder(), "root")
    tokens.revoke(stored)
    _, expired = tokens.issue(
        "expired", every, Holder(), "root", timezone.now() - timedelta(seconds=1)
    )
    disabled = make_user("disabled", roles=(Role.PLATFORM, Role.ADMIN))
    _, theirs = tokens.issue("disabled", every, _of(disabled), "root")
    disabled.is_active = False
    disabled.save()
    made_up = "infp_00000000_" + "x" * 43
    return dict(zip(NO_GOOD, (revoked, expired, theirs, made_up), strict=True))

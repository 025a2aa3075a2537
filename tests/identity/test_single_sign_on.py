"""Single sign-on through its whole flow, against an OpenID Connect server of the registry."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pydantic import SecretStr

from provisioning.domain.identity import Role, Scope
from provisioning.identity import invitations, tokens
from provisioning.identity.people import caller_of_user
from provisioning.identity.tokens import Holder
from provisioning.models import Person, ProvisionRequest, Team, TrailEvent
from provisioning.requests import services
from tests.support.oidc_provider import Provider, answers, endless, running
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore")]
ANA = {"email": "ana@example.com", "email_verified": True, "name": "Ana Kovač"}
DISCOVERY = "/.well-known/openid-configuration"
SignIn = Callable[..., "HttpResponse"]


@pytest.fixture(scope="module")
def server() -> Iterator[Provider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(server: Provider, portal: Callable[..., None]) -> Iterator[Provider]:
    portal(
        oidc_issuer=server.issuer,
        oidc_client_id="portal",
        oidc_client_secret=SecretStr("s" * 40),
        oidc_admit_groups=("staff",),
        oidc_platform_groups=("platform-engineers",),
        oidc_admin_groups=("portal-admins",),
    )
    yield server
    server.faults.clear()


def signs_in(client: Client, provider: Provider, subject: str, back: str = "") -> HttpResponse:
    begun = client.get("/login/sso", {"next": back} if back else {})
    assert begun.status_code == 302, begun.content
    return client.get(provider.signs_in(begun["Location"], subject))  # type: ignore[return-value]


def who(client: Client) -> User | None:
    key = client.session.get("_auth_user_id")
    return User.objects.get(pk=key) if key else None


def test_without_settings_there_is_no_single_sign_on(client: Client, portal: object) -> None:
    assert client.get("/login/sso").status_code == 404
    assert b"/login/sso" not in client.get("/login").content


def test_the_first_sign_in_makes_a_person_with_teams_and_roles_of_the_groups(
    client: Client, provider: Provider
) -> None:
    Team.objects.create(name="payments", oidc_groups=["payments-developers"])
    Team.objects.create(name="search", oidc_groups=["search-developers"])
    provider.knows("1", **ANA, groups=["staff", "payments-developers", "platform-engineers"])
    assert b"Sign in with single sign-on" in client.get("/login").content

    answer = signs_in(client, provider, "1", back="/requests?q=x")

    assert (answer.status_code, answer["Location"]) == (302, "/requests?q=x")
    user = who(client)
    assert user is not None
    caller = caller_of_user(user)
    assert caller.name == user.username == "ana@example.com"
    assert caller.teams == ("payments",)
    assert caller.roles == {Role.PLATFORM}
    actions = set(TrailEvent.objects.values_list("action", flat=True))
    assert {"person.admitted", "person.roles_changed", "signin.succeeded"} <= actions


def test_who_is_in_no_admitted_group_is_told_to_be_invited(
    client: Client, provider: Provider
) -> None:
    provider.knows("2", **ANA, groups=["contractors"])
    answer = signs_in(client, provider, "2")
    assert b"You are not invited yet" in answer.content
    assert not User.objects.exists()


def test_each_sign_in_takes_away_what_the_groups_no_longer_say(
    client: Client, provider: Provider
) -> None:
    Team.objects.create(name="payments", oidc_groups=["payments-developers"])
    hand_made = Team.objects.create(name="guild")
    provider.knows("3", **ANA, groups=["staff", "payments-developers", "platform-engineers"])
    signs_in(client, provider, "3")
    person = Person.objects.get()
    person.teams.add(hand_made)
    person.roles = [*person.roles, Role.AUDITOR.value]
    person.save()

    provider.knows("3", **ANA, groups=["staff"])
    signs_in(client, provider, "3")

    person.refresh_from_db()
    assert [team.name for team in person.teams.all()] == ["guild"]
    assert person.roles == [Role.AUDITOR.value]  # no group governs it


def test_the_last_administrator_stays_one_whatever_the_groups_say(
    client: Client, provider: Provider
) -> None:
    provider.knows("4", **ANA, groups=["staff", "portal-admins"])
    signs_in(client, provider, "4")
    provider.knows("4", **ANA)
    assert signs_in(client, provider, "4").status_code == 302
    assert Person.objects.get().roles == [Role.ADMIN.value]


@pytest.mark.parametrize(
    ("claim", "claims"),
    [
        ("realm_access.roles", {"realm_access": {"roles": ["staff"]}}),
        ("https://acme.com/groups", {"https://acme.com/groups": ["staff"]}),
        ("groups", {"groups": "staff"}),
        ("groups", {"groups": [f"group-{number:05}-of-a-long-name" for number in range(10_000)] + ["staff"]}),
        ("groups", {"groups": [7, None, {"staff": True}, ["staff"], "staff"]}),
    ],
    ids=["nested", "address", "text", "10,000", "odd entries"],
)  # fmt: skip
def test_groups_are_found_wherever_they_stand(
    client: Client,
    provider: Provider,
    portal: Callable[..., None],
    claim: str,
    claims: dict[str, object],
) -> None:
    portal(oidc_groups_claim=claim)
    provider.knows("5", **ANA, **claims)
    assert signs_in(client, provider, "5").status_code == 302
    user = who(client)
    assert user is not None
    [account] = user.socialaccount_set.all()  # type: ignore[attr-defined]
    assert len(str(account.extra_data)) < 200  # claims are not kept


@pytest.mark.parametrize("groups", [None, {}, {"staff": True}, [], 7, [["staff"]]])
def test_groups_that_are_none_let_nobody_in(
    client: Client, provider: Provider, groups: object
) -> None:
    provider.knows("6", **ANA, groups=groups)
    signs_in(client, provider, "6")
    assert not User.objects.exists()


def test_an_address_never_finds_an_account_that_somebody_uses(
    client: Client, provider: Provider
) -> None:
    """A local account, and one of another subject: neither is taken over by who has the address now."""
    local = make_user("ana")
    local.last_login = timezone.now()
    local.save()
    provider.knows("7", **ANA, groups=["staff"])
    signs_in(client, provider, "7")
    user = who(client)
    assert user is not None
    assert user != local
    assert not caller_of_user(user).is_called("ana@example.com")


def test_an_address_that_changes_its_owner_brings_nothing_along(
    client: Client, provider: Provider
) -> None:
    provider.knows("8", **ANA, groups=["staff"])
    signs_in(client, provider, "8")
    first = who(client)
    assert first is not None
    row = ProvisionRequest.objects.create(text="bucket", requester="ana@example.com", user=first)
    provider.knows("8", **ANA | {"email": "ana.novak@example.com"}, groups=["staff"])
    signs_in(client, provider, "8")
    assert caller_of_user(first).name == "ana.novak@example.com"
    assert services.visible_to(caller_of_user(first)).get() == row

    provider.knows("9", **ANA, groups=["staff"])  # another Ana joins, and gets the address
    other = Client(SERVER_NAME="localhost")
    signs_in(other, provider, "9")
    second = who(other)
    assert second is not None
    assert second != first
    assert not services.visible_to(caller_of_user(second)).exists()


@pytest.mark.parametrize("verified", [False, "false", None, "true", 1])
def test_an_address_that_the_provider_has_not_verified_is_nobodys(
    client: Client, provider: Provider, verified: object
) -> None:
    row = ProvisionRequest.objects.create(text="bucket", requester="ana@example.com")
    claims = ANA | {"email_verified": verified, "preferred_username": "ana@example.com"}
    provider.knows("10", **claims, groups=["staff"])
    signs_in(client, provider, "10")
    user = who(client)
    assert user is not None
    assert user.username.startswith("person-")
    assert row not in services.visible_to(caller_of_user(user))


def test_a_provider_that_sends_only_verified_addresses_is_believed_by_setting(
    client: Client, provider: Provider, portal: Callable[..., None]
) -> None:
    portal(oidc_trust_email=True)
    provider.knows("11", email="ana@example.com", groups=["staff"])
    signs_in(client, provider, "11")
    assert Person.objects.get().address == "ana@example.com"


def test_who_was_invited_comes_in_by_the_verified_address_once(
    client: Client, provider: Provider
) -> None:
    invited = invitations.invite("Ana@example.com")
    provider.knows("12", **ANA)
    signs_in(client, provider, "12")
    assert who(client) == invited.user

    provider.knows("13", **ANA)  # somebody else with the same address, later
    other = Client(SERVER_NAME="localhost")
    assert b"not invited yet" in signs_in(other, provider, "13").content


def test_a_disabled_person_is_told_so_and_stays_out(client: Client, provider: Provider) -> None:
    provider.knows("14", **ANA, groups=["staff"])
    signs_in(client, provider, "14")
    User.objects.update(is_active=False)
    fresh = Client(SERVER_NAME="localhost")
    answer = signs_in(fresh, provider, "14")
    assert answer["Location"] == "/login/disabled"
    assert b"was disabled" in fresh.get("/login/disabled", follow=True).content
    assert who(fresh) is None
    assert client.get("/account").status_code == 302  # the old session has ended, too


def test_who_is_not_confirmed_for_too_long_loses_session_and_tokens(
    client: Client, provider: Provider
) -> None:
    provider.knows("15", **ANA, groups=["staff"])
    signs_in(client, provider, "15")
    person = Person.objects.get()
    _, text = tokens.issue("ci", frozenset({Scope.READ}), Holder(person), "ana")
    assert tokens.caller_of_token(text)
    person.user.set_password("a long pass phrase")
    person.user.save()
    signs_in(client, provider, "15")

    Person.objects.update(confirmed_at=timezone.now() - timedelta(days=31))

    assert client.get("/account")["Location"] == "/login?next=/account"
    assert tokens.caller_of_token(text) is None
    refused = client.post(
        "/login", {"username": "ana@example.com", "password": "a long pass phrase"}
    )
    assert b"Sign in with single sign-on once" in refused.content
    signs_in(client, provider, "15")
    assert client.get("/account").status_code == 200
    assert tokens.caller_of_token(text)


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/jwks", answers("503 Service Unavailable")),
        ("/jwks", answers("302 Found", Location="http://169.254.169.254/latest/meta-data")),
        ("/jwks", answers("200 OK", b"[]")),
        ("/jwks", answers("200 OK", b'{"keys": []}')),
        ("/jwks", answers("200 OK", b'{"keys": "none"}')),
        ("/jwks", endless(100)),
        ("/userinfo", answers("200 OK", b'{"sub": "somebody-else", "groups": ["staff"]}')),
        ("/userinfo", answers("200 OK", b'["staff"]')),
        ("/userinfo", answers("200 OK", b"<html>")),
        ("/oauth2/token", answers("500 Internal Server Error", b"{}")),
        ("/oauth2/token", answers("200 OK", b'{"access_token": "a"}')),
        ("/oauth2/token", answers("200 OK", b'{"access_token": "a", "id_token": "a.b.c"}')),
        ("/oauth2/token", answers("200 OK", b"[1, 2]")),
    ],
    ids=[
        "keys down", "keys redirect", "keys are a list", "no keys", "keys are text", "keys of 100 MB",
        "claims of somebody else", "claims are a list", "claims are a page", "token refused", "no ID token",
        "no real ID token", "token is a list",
    ],
)  # fmt: skip
def test_an_answer_that_is_not_right_signs_nobody_in(
    client: Client, provider: Provider, path: str, fault: object
) -> None:
    provider.knows("16", **ANA, groups=["staff"])
    address = client.get("/login/sso")["Location"]
    back = provider.signs_in(address, "16")
    provider.faults[path] = fault  # type: ignore[assignment]
    answer = client.get(back)
    assert answer.status_code == 401
    assert b"The sign-in failed" in answer.content
    assert who(client) is None
    assert TrailEvent.objects.filter(action="signin.failed").exists()


@pytest.mark.parametrize(
    "fault",
    [
        answers("503 Service Unavailable"),
        answers("302 Found", Location="http://localhost:1/"),
        answers("200 OK", b"{}"),
        answers("200 OK", b"nothing"),
        endless(100),
    ],
    ids=["down", "redirects", "names nothing", "no JSON", "100 MB"],
)
def test_a_provider_that_does_not_answer_is_said_in_words(
    client: Client, provider: Provider, fault: object
) -> None:
    provider.faults[DISCOVERY] = fault  # type: ignore[assignment]
    answer = client.get("/login/sso")
    assert answer.status_code == 503
    assert b"Single sign-on is not available" in answer.content


def test_an_issuer_that_calls_itself_something_else_is_not_believed(
    client: Client, provider: Provider
) -> None:
    import requests

    found = requests.get(provider.issuer + DISCOVERY, timeout=10).text
    other = found.replace(f'"issuer": "{provider.issuer}"', '"issuer": "https://evil.example.com"')
    provider.faults[DISCOVERY] = answers("200 OK", other.encode())
    assert client.get("/login/sso").status_code == 503


def test_an_answer_for_another_browser_is_refused(client: Client, provider: Provider) -> None:
    provider.knows("17", **ANA, groups=["staff"])
    back = provider.signs_in(client.get("/login/sso")["Location"], "17")
    victim = Client(SERVER_NAME="localhost")
    assert victim.get(back).status_code == 401
    assert who(victim) is None
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 401  # a second time


def test_a_sign_in_that_was_cancelled_says_so(client: Client, provider: Provider) -> None:
    from urllib.parse import parse_qs, urlsplit

    state = parse_qs(urlsplit(client.get("/login/sso")["Location"]).query)["state"][0]
    answer = client.get(
        "/login/sso/callback", {"error": "access_denied", "state": state}, follow=True
    )
    assert b"was cancelled" in answer.content


@pytest.mark.parametrize(
    "target", ["https://evil.example.com/", "//evil.example.com", "javascript:1"]
)
def test_nobody_is_led_to_another_site(client: Client, provider: Provider, target: str) -> None:
    provider.knows("18", **ANA, groups=["staff"])
    assert signs_in(client, provider, "18", back=target)["Location"] == "/"


def test_somebody_with_a_password_connects_their_account_by_a_form_of_ours(
    client: Client, provider: Provider
) -> None:
    local = make_user("ana")
    client.force_login(local)
    provider.knows("19", **ANA, groups=["platform-engineers"])
    assert client.post("/account/connect").status_code == 200
    assert signs_in(client, provider, "19", back="/account").status_code == 302
    assert Person.objects.get(user=local).roles == [Role.PLATFORM.value]
    fresh = Client(SERVER_NAME="localhost")
    signs_in(fresh, provider, "19")
    assert who(fresh) == local


def test_a_link_alone_connects_nothing(client: Client, provider: Provider) -> None:
    local = make_user("ana")
    client.force_login(local)
    provider.knows("20", **ANA, groups=["staff"])
    client.get("/login/sso", {"process": "connect"})
    signs_in(client, provider, "20")
    assert not local.socialaccount_set.exists()  # type: ignore[attr-defined]


def test_what_was_typed_is_there_after_signing_in(client: Client, provider: Provider) -> None:
    provider.knows("21", **ANA, groups=["staff"])
    typed = {
        "text": "staging bucket for the logs of søk",
        "environment": "staging",
        "service": "logs",
    }
    assert client.post("/requests", typed)["Location"] == "/login?next=/"
    page = client.get(signs_in(client, provider, "21", back="/")["Location"]).content.decode()
    assert typed["text"] in page
    assert "Nothing has been sent yet" in page
    assert typed["text"] not in client.get("/").content.decode()
    assert not ProvisionRequest.objects.exists()

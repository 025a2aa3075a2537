"""Tokens of a Backstage: who they speak for, and the many that speak for nobody.

The settings are BACKSTAGE_URL, BACKSTAGE_ISSUER, BACKSTAGE_PLUGINS and BACKSTAGE_NEW_PEOPLE.
"""

import base64
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.core.cache import cache
from django.test import Client

from provisioning.adapters.backstage import BackstageUnreadError, public_keys
from provisioning.domain.identity import IdentitySource, Scope
from provisioning.errors import NotAllowedError, UpstreamUnreachableError
from provisioning.identity import tokens
from provisioning.identity.bearers import caller_of_bearer
from provisioning.identity.key_sets import AGAIN_SECONDS, KEPT_SECONDS, KeySet
from provisioning.identity.tokens import Holder
from provisioning.models import Person, ProvisionRequest, Team, TrailEvent
from tests.support.backstage import AUTH, SCAFFOLDER, BackstageDouble, a_key, serving
from tests.support.people import make_user

pytestmark = pytest.mark.django_db
REF = "user:default/ana"
TEXT = "staging S3 bucket for logs"


@pytest.fixture
def backstage(portal: Callable[..., None]) -> Iterator[BackstageDouble]:
    cache.clear()
    with serving() as double:
        portal(demo=False, backstage_url=double.url)
        yield double


@pytest.fixture
def ana(backstage: BackstageDouble) -> Person:
    person = Person.objects.get(user=make_user("ana", "payments"))
    person.backstage_ref = REF
    person.save()
    return person


def test_a_users_token_calls_as_the_person(backstage: BackstageDouble, ana: Person) -> None:
    caller = caller_of_bearer(backstage.user("User:default/Ana"))
    assert caller is not None
    assert (caller.name, caller.person, caller.client) == ("ana@example.com", ana.pk, "backstage")
    assert caller.source is IdentitySource.BACKSTAGE_VERIFIED
    assert caller.scopes == frozenset({Scope.READ, Scope.REQUEST})


def test_the_scaffolder_calls_on_behalf_of_the_user(
    backstage: BackstageDouble, ana: Person
) -> None:
    caller = caller_of_bearer(backstage.plugin())
    assert caller is not None
    assert (caller.person, caller.client) == (ana.pk, "backstage scaffolder")


def test_groups_of_backstage_are_teams_here(backstage: BackstageDouble, ana: Person) -> None:
    Team.objects.create(name="Platform", backstage_ref="group:default/platform")
    backstage.groups[REF] = ["group:default/platform", "group:default/unknown"]
    for text in (backstage.user(), backstage.plugin()):
        caller = caller_of_bearer(text)
        assert caller is not None
        assert caller.teams == ("payments", "Platform")
    assert backstage.asked.count("/api/auth/v1/userinfo") == 1


def test_without_backstages_groups_the_portals_own_teams_hold(
    backstage: BackstageDouble, ana: Person
) -> None:
    assert caller_of_bearer(backstage.user()) is not None
    Team.objects.create(name="Platform", backstage_ref="group:default/platform")
    backstage.mood = "down"
    caller = caller_of_bearer(backstage.user())
    assert caller is not None
    assert caller.teams == ("payments",)


def test_a_user_whom_nobody_here_is_gets_a_sentence_or_where_set_an_account(
    backstage: BackstageDouble, portal: Callable[..., None]
) -> None:
    with pytest.raises(NotAllowedError, match="Nobody here is user:default/ana"):
        caller_of_bearer(backstage.user())
    portal(backstage_new_people=True)
    first, second = caller_of_bearer(backstage.user()), caller_of_bearer(backstage.user())
    assert first is not None
    assert second is not None
    assert first.person == second.person
    assert first.roles == frozenset()
    assert TrailEvent.objects.filter(action="person.created").count() == 1


def test_a_ref_that_an_administrator_took_off_an_account_is_nobodys(
    backstage: BackstageDouble, portal: Callable[..., None]
) -> None:
    portal(backstage_new_people=True)
    caller_of_bearer(backstage.user())
    Person.objects.filter(backstage_ref=REF).update(backstage_ref="")
    with pytest.raises(NotAllowedError, match=f"Nobody here is {REF}"):
        caller_of_bearer(backstage.user())


def test_settings_name_another_issuer_and_the_plugins_that_may_call(
    backstage: BackstageDouble, ana: Person, portal: Callable[..., None]
) -> None:
    portal(backstage_issuer="https://public.example/api/auth", backstage_plugins=())
    assert caller_of_bearer(backstage.user()) is None
    assert caller_of_bearer(backstage.user(iss="https://public.example/api/auth")) is not None
    assert caller_of_bearer(backstage.plugin()) is None


def test_a_disabled_person_is_nobody_through_backstage_too(
    backstage: BackstageDouble, ana: Person
) -> None:
    ana.user.is_active = False
    ana.user.save()
    assert caller_of_bearer(backstage.user()) is None
    assert caller_of_bearer(backstage.plugin()) is None


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def part(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def unsigned(token: str, alg: str, signature: str = "") -> str:
    header = {**jwt.get_unverified_header(token), "alg": alg}
    return f"{part(header)}.{token.split('.')[1]}.{signature}"


def changed(token: str, **claims: Any) -> str:
    """Another payload under the same signature."""
    head, _, signature = token.split(".")
    known = jwt.decode(token, options={"verify_signature": False})
    return f"{head}.{part(known | claims)}.{signature}"


def by_the_public_key(double: BackstageDouble, alg: str) -> str:
    """Key confusion: an HMAC whose secret is the key that everybody may read."""
    import hashlib
    import hmac

    known = double.user()
    signed = unsigned(known, alg).rstrip(".")
    kind = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[alg]
    secret = pem(double.keys[AUTH]["k1"])
    return f"{signed}.{part(hmac.new(secret, signed.encode(), kind).digest())}"


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PAST, FUTURE = 1_000_000_000, 4_000_000_000
ODD_USERS: list[dict[str, Any]] = [
    {"alg": "RS256", "key": RSA}, {"alg": "PS256", "key": RSA}, {"alg": "ES384", "key": ec.generate_private_key(ec.SECP384R1())},
    {"key": a_key()}, {"kid": "unknown"}, {"kid": ""}, {"kid": "../k1"}, {"kid": "k1 "}, {"kid": "s1"},
    {"aud": "proxy"}, {"aud": "catalog"}, {"aud": ["other"]}, {"aud": ""}, {"aud": None},
    {"exp": PAST}, {"exp": None}, {"exp": 0}, {"exp": -1}, {"iat": FUTURE}, {"iat": None},
    {"nbf": FUTURE}, {"iss": "https://elsewhere.example/api/auth"}, {"iss": None}, {"iss": ""},
    {"sub": None}, {"sub": ""}, {"sub": "ana"}, {"sub": "group:default/payments"}, {"sub": "user:default"},
    {"sub": "user:default/ana/x"}, {"sub": "user:/ana"}, {"sub": "user:default/ana\n"}, {"sub": "user:default/" + "a" * 300},
    {"typ": "JWT"}, {"typ": "vnd.backstage.plugin"}, {"typ": "vnd.backstage.limited-user"}, {"typ": ""},
    {"typ": "VND.BACKSTAGE.USER"},
]  # fmt: skip
ODD_PLUGINS: list[dict[str, Any]] = [
    {"aud": "catalog"}, {"aud": None}, {"exp": PAST}, {"exp": None}, {"sub": "techdocs"}, {"sub": "../auth"}, {"sub": None},
    {"obo": None}, {"obo": "x"}, {"obo": "a.b.c"}, {"kid": "k1"}, {"kid": "unknown"}, {"key": a_key()}, {"nbf": FUTURE},
]  # fmt: skip
ODD_LIMITED: list[dict[str, Any]] = [
    {"exp": PAST}, {"key": a_key()}, {"kid": "s1"}, {"typ": "vnd.backstage.user"}, {"sub": "scaffolder"}, {"iat": None},
]  # fmt: skip


def odd_tokens(double: BackstageDouble) -> Iterator[str]:
    good = double.user()
    for changes in ODD_USERS:
        yield double.user(**changes)
    for changes in ODD_PLUGINS:
        yield double.plugin(**changes)
    for changes in ODD_LIMITED:
        yield double.plugin(double.limited(**changes))
    yield double.plugin(double.user())
    yield double.limited()
    yield from (unsigned(good, alg) for alg in ("none", "None", "NONE", "nOnE", ""))
    yield unsigned(good, "none", good.split(".")[2])
    yield from (by_the_public_key(double, alg) for alg in ("HS256", "HS384", "HS512"))
    yield changed(good, sub="user:default/root")
    yield changed(good, exp=FUTURE)
    yield from (
        good[:-4],
        good + "x" * 9_000,
        good.swapcase(),
        good + ".",
        f".{good}",
        "..",
        "a.b.c",
    )
    yield from ("é.ü.ö", "\x00.\x00.\x00", part({}) + "." + part({}) + ".", f"{part([])}.e30.e30")


def test_of_many_forged_and_odd_tokens_none_is_accepted(
    backstage: BackstageDouble, ana: Person
) -> None:
    assert caller_of_bearer(backstage.user()) is not None
    odd = list(odd_tokens(backstage))
    assert len(odd) >= 60
    accepted = [token for token in odd if caller_of_bearer(token) is not None]
    assert accepted == []


def test_a_refused_token_is_a_401_and_an_event_without_the_token(
    backstage: BackstageDouble, ana: Person, client: Client
) -> None:
    token = backstage.user(exp=PAST)
    answer = client.get("/api/v1/catalog", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    event = TrailEvent.objects.select_related("personal").get(action="token.refused")
    assert token[:20] not in f"{event.target} {event.data} {event.personal.actor}"


def provisioned(client: Client, token: str, **more: str) -> Any:
    return client.post(
        "/api/v1/provision",
        {"request": TEXT, **more},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )


def known_as(row: ProvisionRequest) -> tuple[str, str, str, str]:
    return (row.requester, row.requester_ref, row.identity_source, row.acting_client)


def test_verified_and_claimed_are_told_apart_in_the_row(
    backstage: BackstageDouble, ana: Person, client: Client
) -> None:
    assert provisioned(client, backstage.user()).status_code == 200
    _, ci = tokens.issue("ci", frozenset({Scope.REQUEST, Scope.ON_BEHALF_OF}), Holder(), "root")
    assert provisioned(client, ci, requester=REF).status_code == 200
    assert provisioned(client, ci, requester="user:default/bob").status_code == 200
    assert provisioned(client, ci, requester="bob@example.com").status_code == 200
    assert [known_as(row) for row in ProvisionRequest.objects.order_by("pk")] == [
        ("ana@example.com", REF, "backstage_verified", "backstage"),
        ("ana@example.com", REF, "backstage_claimed", "ci"),
        ("user:default/bob", "user:default/bob", "backstage_claimed", "ci"),
        ("bob@example.com", "", "token", "ci"),
    ]
    sources = TrailEvent.objects.filter(action="request.queued").order_by("id")
    assert [event.source for event in sources] == [
        "backstage_verified",
        "backstage_claimed",
        "backstage_claimed",
        "token",
    ]


def test_a_verified_user_names_nobody_else_and_no_strange_team(
    backstage: BackstageDouble, ana: Person, client: Client
) -> None:
    Team.objects.create(name="search", backstage_ref="group:default/search")
    Team.objects.filter(name="payments").update(backstage_ref="group:default/payments")
    token = backstage.user()
    for more, field in [
        ({"requester": "user:default/bob"}, "requester"),
        ({"team": "search"}, "team"),
        ({"team": "group:default/search"}, "team"),
        ({"team": "group:default/nowhere"}, "team"),
    ]:
        answer = provisioned(client, token, **more)
        assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", field])
    assert provisioned(client, token, team="group:default/payments").status_code == 200
    assert ProvisionRequest.objects.get().team == "payments"


# --- the keys


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Published:
    """What a key set's address answers, or `trouble` instead."""

    def __init__(self, *kids: str) -> None:
        self.kids, self.trouble, self.looks = list(kids), False, 0

    def __call__(self, url: str) -> dict[str, Any]:
        self.looks += 1
        if self.trouble:
            raise BackstageUnreadError("down")
        return {kid: object() for kid in self.kids}


def test_a_new_key_is_known_within_ten_seconds_and_one_look_serves_all() -> None:
    clock, published = Clock(), Published("old")
    keys = KeySet("x", published, clock)
    assert keys.find("old") is not None
    published.kids.append("new")
    refused_until = 0.0
    while keys.find("new") is None:
        clock.now += 0.5
        refused_until = clock.now
    assert refused_until <= 10
    assert published.looks == 2


def test_made_up_kids_cost_one_look_in_five_seconds() -> None:
    clock, published = Clock(), Published("old")
    keys = KeySet("x", published, clock)
    for number in range(1_000):
        assert keys.find(f"made up {number}") is None
        clock.now += 0.01
    assert published.looks <= 10 / AGAIN_SECONDS + 1


def test_known_keys_outlive_an_outage_for_an_hour_and_unknown_ones_are_not_judged() -> None:
    clock, published = Clock(), Published("old")
    keys = KeySet("x", published, clock)
    keys.find("old")
    published.trouble = True
    clock.now = KEPT_SECONDS - 1
    assert keys.find("old") is not None
    with pytest.raises(UpstreamUnreachableError):
        keys.find("new")
    clock.now = KEPT_SECONDS + AGAIN_SECONDS
    with pytest.raises(UpstreamUnreachableError):
        keys.find("old")
    published.trouble = False
    clock.now += AGAIN_SECONDS
    assert keys.find("old") is not None


def test_many_first_calls_at_once_look_once() -> None:
    published, begun = Published("old"), Event()

    def slow(url: str) -> dict[str, Any]:
        begun.wait(2)
        return published(url)

    keys = KeySet("x", slow)
    with ThreadPoolExecutor(16) as pool:
        found = [pool.submit(keys.find, "old") for _ in range(16)]
        begun.set()
        assert all(one.result() is not None for one in found)
    assert published.looks == 1


def test_calls_after_a_quiet_hour_wait_for_the_one_that_looks() -> None:
    clock, published, begun, go_on = Clock(), Published("old"), Event(), Event()

    def slow(url: str) -> dict[str, Any]:
        begun.set()
        go_on.wait(5)
        return published(url)

    keys = KeySet("x", slow, clock)
    go_on.set()
    keys.find("old")
    begun.clear()
    go_on.clear()
    clock.now = KEPT_SECONDS + 1
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(keys.find, "old")
        assert begun.wait(5)
        second = pool.submit(keys.find, "old")
        with pytest.raises(TimeoutError):
            second.result(0.1)
        go_on.set()
        assert None not in (first.result(), second.result())
    assert published.looks == 2


@pytest.mark.parametrize("mood", ["down", "large", "slow", "redirect", "garbage"])
def test_an_address_that_answers_badly_is_left_soon_and_said(
    backstage: BackstageDouble, ana: Person, client: Client, mood: str
) -> None:
    backstage.mood = mood
    answer = client.get("/api/v1/catalog", headers={"Authorization": f"Bearer {backstage.user()}"})
    assert answer.status_code == 503
    assert "Backstage's keys cannot be read" in answer.json()["detail"]
    assert int(answer["Retry-After"]) >= 1
    assert "/elsewhere" not in backstage.asked


def test_only_public_signing_keys_of_the_curve_are_taken(backstage: BackstageDouble) -> None:
    backstage.keys[AUTH]["k2"] = a_key()
    assert set(public_keys(backstage.url + AUTH)) == {"k1", "k2"}
    assert set(public_keys(backstage.url + SCAFFOLDER)) == {"s1"}

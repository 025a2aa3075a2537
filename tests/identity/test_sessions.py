"""How long a session lasts, second factors, and what is asked of whom."""

from collections.abc import Callable
from time import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.test import Client

from provisioning.identity import sessions
from provisioning.models import TrailEvent
from tests.support.people import make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a long pass phrase"
SECRET = "JBSWY3DPEHPK3PXP"  # of nobody


@pytest.fixture
def ana(portal: object) -> User:
    user = make_user("ana", "payments")
    user.set_password(PASSWORD)
    user.save()
    return user


def signs_in(client: Client, name: str = "ana") -> object:
    return client.post("/login", {"username": name, "password": PASSWORD}, follow=True)


def is_signed_in(client: Client) -> bool:
    return bool(client.get("/account").status_code == 200)


def aged(client: Client, **hours: float) -> None:
    session = client.session
    for name, age in hours.items():
        session[name] = time() - age * 3600
    session.save()


@pytest.mark.parametrize("name", ["ana", "ana@example.com", "ANA@Example.com"])
def test_people_sign_in_by_name_or_address(client: Client, ana: User, name: str) -> None:
    signs_in(client, name)
    assert is_signed_in(client)
    [session] = UserSession.objects.all()
    assert session.user == ana


def test_a_session_ends_after_hours_without_a_click(client: Client, ana: User) -> None:
    signs_in(client)
    aged(client, seen=11.9)
    assert is_signed_in(client)
    aged(client, seen=12.1)
    assert client.get("/account")["Location"] == "/login?next=/account"
    assert TrailEvent.objects.filter(action="session.expired").exists()


def test_a_page_that_asks_by_itself_keeps_no_session_alive(client: Client, ana: User) -> None:
    signs_in(client)
    aged(client, seen=11.9)
    client.get("/requests/rows?ids=req-1")
    assert time() - client.session["seen"] > 11 * 3600
    client.get("/requests")
    assert time() - client.session["seen"] < 3600


def test_a_session_ends_after_a_week_however_often_it_is_used(client: Client, ana: User) -> None:
    signs_in(client)
    aged(client, began=167, seen=0)
    assert is_signed_in(client)
    aged(client, began=169, seen=0)
    assert not is_signed_in(client)


def test_a_session_of_an_older_release_begins_when_it_is_seen(client: Client, ana: User) -> None:
    signs_in(client)
    session = client.session
    del session["began"], session["seen"]
    session.save()
    assert is_signed_in(client)
    assert time() - client.session["began"] < 60


def test_somebody_ends_their_other_sessions(client: Client, ana: User) -> None:
    other = Client(SERVER_NAME="localhost")
    signs_in(client)
    signs_in(other)
    assert b"Sign out everywhere else" in client.get("/account/sessions").content
    client.post("/account/sessions")
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_old_sessions_are_forgotten(client: Client, ana: User) -> None:
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    signs_in(client)
    Session.objects.update(expire_date=timezone.now())
    sessions.forget_ended()
    assert not Session.objects.exists()


def code() -> str:
    now: str = format_hotp_value(hotp_value(SECRET, next(yield_hotp_counters_from_time())))
    return now


def test_a_second_factor_is_asked_for_and_a_wrong_code_is_none(client: Client, ana: User) -> None:
    TOTP.activate(ana, SECRET)
    signs_in(client)
    assert not is_signed_in(client)
    wrong = client.post("/login/factor", {"code": "000000"})
    assert b"Incorrect code" in wrong.content
    assert not is_signed_in(client)
    client.post("/login/factor", {"code": code()})
    assert is_signed_in(client)


def test_a_recovery_code_works_once(client: Client, ana: User) -> None:
    TOTP.activate(ana, SECRET)
    spare = RecoveryCodes.activate(ana).get_unused_codes()[0]
    for expected in (True, False):
        fresh = Client(SERVER_NAME="localhost")
        signs_in(fresh)
        fresh.post("/login/factor", {"code": spare})
        assert is_signed_in(fresh) is expected


def test_codes_are_counted_like_passwords(
    client: Client, ana: User, portal: Callable[..., None]
) -> None:
    portal(sign_ins_per_minute=5)
    TOTP.activate(ana, SECRET)
    signs_in(client)
    codes = [client.post("/login/factor", {"code": "000000"}) for _ in range(5)]
    last = codes[-1]
    assert last.status_code == 429
    assert int(last["Retry-After"]) <= 60
    assert b"Try again in" in last.content
    assert "signin.limited" in TrailEvent.objects.values_list("action", flat=True)


def test_setting_up_a_factor_asks_for_the_password_first_and_is_in_the_trail(
    client: Client, ana: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    signs_in(client)
    asked = client.get("/account/factors/app", follow=True)
    assert b"Confirm Access" in asked.content
    client.post("/account/confirm?next=/account/factors/app", {"password": PASSWORD})
    page = client.get("/account/factors/app")
    secret = page.context["form"].secret
    assert b"data:image/svg+xml" in page.content
    value = format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/account/factors/app", {"code": value})
    assert answer["Location"] == "/account/factors/codes"
    assert client.get("/account/factors/codes").status_code == 200
    assert Authenticator.objects.filter(user=ana, type="totp").exists()
    assert TrailEvent.objects.filter(action="factor.added").exists()


@pytest.mark.parametrize(
    "address",
    ["/account/factors", "/account/factors/keys", "/account/sessions", "/account/password"],
)
def test_the_pages_of_ones_account_are_there(client: Client, ana: User, address: str) -> None:
    assert client.get(address)["Location"].startswith("/login")
    signs_in(client)
    answer = client.get(address)
    assert answer.status_code == 200
    assert b"topbar" in answer.content
    assert answer["Cache-Control"] == "no-store, private"


def test_a_new_password_ends_the_other_sessions(client: Client, ana: User) -> None:
    other = Client(SERVER_NAME="localhost")
    signs_in(client)
    signs_in(other)
    new = "another long pass phrase"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/account/password", form)["Location"] == "/account"
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_nobody_signs_up_and_the_admins_own_form_is_not_there(client: Client, ana: User) -> None:
    for address in ("/signup", "/accounts/signup/", "/account/signup", "/accounts/login/"):
        assert client.get(address).status_code == 404
    moved = client.get("/admin/login/?next=/admin/")
    assert moved["Location"] == "/login?next=/admin/"


def test_a_passkey_is_offered_and_an_odd_one_signs_nobody_in(client: Client, ana: User) -> None:
    options = client.get("/login/passkey", headers={"Accept": "application/json"}).json()
    assert options["request_options"]["publicKey"]["challenge"]
    answer = client.post("/login/passkey", {"credential": "{}"})
    assert answer.status_code == 302
    assert not is_signed_in(client)

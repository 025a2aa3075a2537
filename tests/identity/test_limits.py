"""Limits that hold whoever calls from wherever, and are told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client, RequestFactory

from provisioning.identity import limits
from provisioning.identity.limits import Kind
from provisioning.models import RateWindow, TrailEvent
from provisioning.trail.addresses import client_address
from tests.support.people import make_user

Portal = Callable[..., None]
BODY = {"request": "staging S3 bucket for logs"}


@pytest.mark.django_db(transaction=True)
def test_of_200_calls_at_once_exactly_as_many_pass_as_the_limit_says(portal: Portal) -> None:
    portal(provisions_per_minute=50)

    def call(_: int) -> bool:
        allowance = limits.count(Kind.PROVISION, "token ci")
        connections.close_all()
        assert allowance is not None
        return not allowance.is_exceeded

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(call, range(200))) == 50


@pytest.mark.django_db
def test_a_minute_later_the_window_begins_anew(portal: Portal) -> None:
    portal(reads_per_minute=1)
    assert limits.count(Kind.READ, "user 1") == limits.Allowance(Kind.READ, 1, 0, 60)
    second = limits.count(Kind.READ, "user 1")
    assert second is not None
    assert second.is_exceeded
    _a_minute_passes()
    third = limits.count(Kind.READ, "user 1")
    assert third is not None
    assert not third.is_exceeded


def _a_minute_passes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE provisioning_ratewindow SET began = began - interval '61 seconds'")


@pytest.mark.django_db
def test_one_caller_costs_another_nothing_and_old_windows_are_forgotten(portal: Portal) -> None:
    portal(reads_per_minute=1)
    for who in ("user 1", "user 2", "token ci"):
        allowance = limits.count(Kind.READ, who)
        assert allowance is not None
        assert not allowance.is_exceeded
    with connection.cursor() as cursor:
        cursor.execute("UPDATE provisioning_ratewindow SET began = began - interval '2 hours'")
    limits.forget_old_windows()
    assert not RateWindow.objects.exists()


@pytest.mark.django_db
def test_the_api_tells_what_is_left_and_refuses_the_next_call_with_the_time(
    portal: Portal, client: Client
) -> None:
    portal(dry_runs_per_minute=1)

    def dry_run() -> Any:
        return client.post("/api/v1/dry-run", BODY, content_type="application/json")

    first, second = dry_run(), dry_run()
    assert first.status_code == 200
    assert first["RateLimit-Policy"] == '"dry_run";q=1;w=60'
    assert first["RateLimit"].startswith('"dry_run";r=0;t=')
    assert second.status_code == 429
    assert second.json()["error_code"] == "too_many_calls"
    assert 1 <= int(second["Retry-After"]) <= 60
    listed = client.get("/api/v1/requests?user=ana")
    assert listed.status_code == 200


@pytest.mark.django_db
def test_guessing_passwords_is_slow_and_the_right_one_works_afterwards(
    portal: Portal, client: Client
) -> None:
    portal(sign_ins_per_minute=5)
    user = make_user("ana")
    user.set_password("a long enough password")
    user.save()
    wrong = {"username": "ana", "password": "wrong"}
    codes = [client.post("/login", wrong).status_code for _ in range(7)]
    assert codes == [200] * 5 + [429] * 2
    elsewhere = client.post("/login", wrong | {"username": "ANA"}, REMOTE_ADDR="192.0.2.2")
    assert elsewhere.status_code == 429
    other = client.post("/login", wrong | {"username": "bob"}, REMOTE_ADDR="192.0.2.3")
    assert other.status_code == 200
    assert TrailEvent.objects.filter(action="signin.limited").count() == 3
    _a_minute_passes()
    right = {"username": "ana", "password": "a long enough password"}
    assert client.post("/login", right).status_code == 302


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.1", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "203.0.113.1", "203.0.113.1"),
        (1, "198.51.100.9, 203.0.113.1", "203.0.113.1"),
        (2, "198.51.100.9, 203.0.113.1, 10.0.0.1", "203.0.113.1"),
        (2, "203.0.113.1", "203.0.113.1"),
        (1, "not an address", "127.0.0.1"),
        (1, "203.0.113.1, \x00", "127.0.0.1"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_an_address_is_what_our_own_proxies_say(
    portal: Portal, proxies: int, forwarded: str, address: str
) -> None:
    portal(trusted_proxies=proxies)
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == address

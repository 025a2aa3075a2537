"""To whom the demo's API is open: the two ends of the connection decide, not the settings' HOST and no header."""

from collections.abc import Callable

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db]
Portal = Callable[..., None]
ADDRESS = "/api/v1/requests?user=ana"


@pytest.fixture
def demo(portal: Portal) -> None:
    portal(demo=True, host="127.0.0.1")


def answer(peer: str, bound: str, **headers: str) -> int:
    called = Client().get(
        ADDRESS, REMOTE_ADDR=peer, SERVER_NAME=bound, headers={"host": "127.0.0.1", **headers}
    )
    return called.status_code


@pytest.mark.parametrize(
    ("peer", "bound"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("::1", "::1"),
        ("127.0.0.1", "localhost"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1"),
        ("127.8.9.10", "127.0.0.2"),
    ],
)
def test_it_is_open_where_both_ends_are_this_machine(demo: None, peer: str, bound: str) -> None:
    assert answer(peer, bound) == 200


@pytest.mark.parametrize(
    ("peer", "bound"),
    [
        ("192.0.2.7", "0.0.0.0"),  # the fault: a server for everybody, a Host header that lies
        ("127.0.0.1", "0.0.0.0"),  # others reach the same server, through this one or directly
        ("127.0.0.1", "::"),
        ("192.0.2.7", "127.0.0.1"),
        ("::ffff:192.0.2.7", "::1"),
        ("127.0.0.1", "192.0.2.1"),
        ("", "127.0.0.1"),  # a Unix socket, behind which anybody may be
        ("127.0.0.1", "portal.example.com"),
        ("127.0.0.1", "localhost.example.com"),
        ("unknown", "127.0.0.1"),
    ],
)
def test_it_is_closed_where_one_end_is_not(demo: None, peer: str, bound: str) -> None:
    assert answer(peer, bound) == 401


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Forwarded-For", "192.0.2.7"),
        ("X-Forwarded-For", "127.0.0.1"),
        ("Forwarded", "for=192.0.2.7"),
        ("X-Real-IP", "192.0.2.7"),
        ("Via", "1.1 proxy"),
        ("Sec-Fetch-Site", "cross-site"),
    ],
)
def test_a_proxy_or_another_sites_page_on_this_machine_is_not_let_in(
    demo: None, header: str, value: str
) -> None:
    assert answer("127.0.0.1", "127.0.0.1", **{header: value}) == 401


def test_without_the_demo_it_is_closed_to_this_machine_too(portal: Portal) -> None:
    portal(demo=False)
    assert answer("127.0.0.1", "127.0.0.1") == 401


def test_metrics_are_open_to_the_same(demo: None) -> None:
    def scraped(bound: str) -> int:
        host = {"host": "127.0.0.1"}
        return Client().get("/metrics", SERVER_NAME=bound, headers=host).status_code

    assert (scraped("127.0.0.1"), scraped("0.0.0.0")) == (200, 401)

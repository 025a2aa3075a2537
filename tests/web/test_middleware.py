"""HEAD, and a database that breaks in the middle of a call."""

import pytest
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from provisioning.web import middleware
from provisioning.web.views import error_pages

ARGUMENTS = {
    "request_id": "req-0123456789ab",
    "number": "1",
    "name": "rds",
    "type": "rds",
    "pk": "1",
    "token": "x",
}


def routes(patterns: list[URLPattern | URLResolver], before: str = "/") -> list[str]:
    found = []
    for pattern in patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += routes(pattern.url_patterns, here)
        elif not here.startswith("/admin"):
            found.append(here)
    return found


def filled(route: str) -> str:
    for name, value in ARGUMENTS.items():
        for converter in ("", "slug:", "int:", "str:"):
            route = route.replace(f"<{converter}{name}>", value)
    return route


def test_head_is_answered_as_get_is_at_every_address(pages: Client) -> None:
    addresses = [filled(route) for route in routes(get_resolver().url_patterns)]
    assert len(addresses) > 25
    assert not any("<" in address for address in addresses)
    for address in addresses:
        got, head = pages.get(address), pages.head(address)
        assert (address, head.status_code) == (address, got.status_code)
        assert head.get("Content-Type") == got.get("Content-Type")
        assert head.content == b""


@pytest.mark.parametrize("address", ["/api/v1/health", "/docs", "/openapi.json", "/login"])
def test_head_is_answered_where_nobody_signed_in(
    client: Client, portal: object, db: None, address: str
) -> None:
    head = client.head(address)
    assert head.status_code == 200
    assert int(head["Content-Length"]) > 100


def test_a_view_that_only_takes_post_refuses_head(pages: Client) -> None:
    assert pages.head("/preview").status_code == 405


@pytest.mark.parametrize("error", [OperationalError("gone\nmore"), InterfaceError("closed")])
@pytest.mark.parametrize(("path", "begins"), [("/requests", "<!doctype"), ("/api/v1/x", "{")])
def test_a_lost_database_is_503_and_one_line_in_the_log(
    caplog: pytest.LogCaptureFixture, error: Exception, path: str, begins: str, db: None
) -> None:
    def view(_: HttpRequest) -> HttpResponse:
        raise error

    answers = middleware.DatabaseAway(view)
    response = answers.process_exception(RequestFactory().get(path), error)
    assert response
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.text.lstrip().lower().startswith(begins)
    assert [record.exc_info for record in caplog.records] == [None]


def test_other_failures_stay_failures(rf: RequestFactory) -> None:
    answers = middleware.DatabaseAway(lambda _: HttpResponse())
    assert answers.process_exception(rf.get("/"), ValueError("a bug")) is None


def test_a_database_lost_before_the_view_is_503_too(rf: RequestFactory) -> None:
    try:
        raise OperationalError("gone")
    except OperationalError:
        response = error_pages.server_error(rf.get("/requests"))
    assert response.status_code == 503
    assert error_pages.server_error(rf.get("/requests")).status_code == 500

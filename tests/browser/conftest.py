"""Chromium, driven by Playwright, against the portal's own pages. The test itself plays the worker, so that it decides when
a request moves on. Whatever the browser complains about on its console fails the test."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from provisioning.domain.identity import Role
from tests.support.people import make_user
from tests.support.programs import chromium

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from playwright.sync_api import Browser, BrowserContext, Page

    from provisioning.models import ProvisionRequest

# Chromium looks for servers of its maker at every start unless it is told not to.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Open:
    """Opens a page of the portal as Ana, in a browser with the given look; `said` is what its console said."""

    def __init__(self, open_page: "Callable[..., Page]", said: list[str]) -> None:
        self._open, self.said = open_page, said

    def __call__(self, path: str = "/", *, signed_in: bool = True, **look: object) -> "Page":
        return self._open(path, signed_in=signed_in, **look)


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Playwright keeps an event loop in this thread as long as it runs, which Django takes for asynchronous code; and other
    tests want loops of their own. So it ends with the module."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)  # a busy machine is no failure
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield playwright.chromium.launch(executable_path=chromium(), args=FLAGS)


@pytest.fixture
def ana(transactional_db: None, portal: Callable[..., None], live_server: object) -> "User":
    portal(public_url=str(live_server))
    roles = (Role.PLATFORM, Role.ADMIN)
    return make_user("ana.kovač", "payments-team", roles=roles, address="ana.kovac@example.com")


@pytest.fixture
def opened(browser: "Browser", ana: "User", live_server: object) -> Iterator[Open]:
    """Opens a page of the portal as Ana, in a browser with the given look; says at the end what its console said."""
    from django.conf import settings
    from django.test import Client

    contexts: list[BrowserContext] = []
    said: list[str] = []

    def open_page(path: str = "/", *, signed_in: bool = True, **look: object) -> "Page":
        context = browser.new_context(**{"reduced_motion": "reduce", **look})  # type: ignore[arg-type]
        contexts.append(context)
        if signed_in:
            client = Client()
            client.force_login(ana)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": str(live_server)}]
            )
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                said.append(message.text) if message.type in {"error", "warning"} else None
            ),
        )
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{live_server}{path}")
        return page

    yield Open(open_page, said)
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture
def sent(ana: "User") -> "Callable[..., ProvisionRequest]":
    from provisioning.domain import Submission
    from provisioning.identity.people import caller_of_user
    from provisioning.requests import services

    def submit(
        text: str = "production Postgres database for payments API with 200 GB",
    ) -> "ProvisionRequest":
        return services.submit(
            Submission(text, ana.email, "payments-team", "payments-api"),
            caller=caller_of_user(ana),
            source="web",
        )

    return submit


@pytest.fixture
def ended(sent: "Callable[..., ProvisionRequest]") -> "Callable[..., ProvisionRequest]":
    from provisioning.models import ProvisionRequest
    from provisioning.requests import tasks

    def run(*text: str) -> ProvisionRequest:
        row = sent(*text)
        tasks.run_request(row.request_id)
        return ProvisionRequest.objects.get(pk=row.pk)

    return run

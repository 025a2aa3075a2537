"""Every page, in both themes, on a desk and in a hand: axe finds nothing, nothing hangs over the edge."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from provisioning.models import Person, ProvisionRequest
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
MORE_OF_THE_SAME = {"exclude": [[".code .line:nth-child(n+20)"], [".diff tr:nth-child(n+20)"]]}
DESK, HAND, NARROW = (
    {"width": 1360, "height": 900},
    {"width": 390, "height": 844},
    {"width": 320, "height": 700},
)
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TARGETS = """[...document.querySelectorAll('a, button, select, input:not([type=hidden]), summary')].filter(element => {
    const box = element.getBoundingClientRect();
    const inline = getComputedStyle(element).display === 'inline';
    const labelled = element.closest('label');  // the label is the target then
    if (element.closest('[aria-hidden=true]')) return false;  // a line's number is as tall as its line of code
    return box.width > 1 && (box.height < 24 || box.width < 24) && !inline && !labelled;
}).map(element => element.outerHTML.slice(0, 90))"""
Sent = Callable[..., ProvisionRequest]


@pytest.fixture
def addresses(sent: Sent, ended: Sent) -> list[str]:
    """Each kind of page and each state of a request."""
    done = ended()
    asked = ended("RDS database for orders")
    refused = ended("Oracle database for reporting")
    long = ended("bucket for " + "Donaudampfschifffahrtsgesellschaftskapitänsmütze" * 8)
    running = sent("staging bucket for logs")
    requests = [row.request_id for row in (done, asked, refused, long, running)]
    assert done.opened is not None
    return [
        "/",
        "/?text=staging%20bucket%20for%20logs",
        "/requests",
        "/requests?q=no+such+words",
        *(f"/requests/{request_id}" for request_id in requests),
        f"/requests/{done.request_id}?file=terraform.tfvars.json",
        "/pulls",
        f"/pulls/{done.opened.number}",
        "/catalog",
        "/catalog/rds",
        "/operations",
        "/audit",
        "/people",
        f"/people/{Person.objects.get(user__username='ana.kovač').pk}",
        "/teams",
        "/account",
        "/account/factors",
        "/account/sessions",
        "/settings/tokens",
    ]


def violations(page: Page) -> list[Any]:
    found = Axe().run(page, context=MORE_OF_THE_SAME, options=RULES).response["violations"]
    return [
        (rule["id"], rule["nodes"][0]["html"][:200], rule["nodes"][0]["failureSummary"])
        for rule in found
    ]


@pytest.mark.parametrize("viewport", [DESK, HAND], ids=["desk", "hand"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    opened: Open, addresses: list[str], viewport: dict[str, int], theme: str
) -> None:
    page = opened("/catalog", viewport=viewport, color_scheme=theme)
    origin = page.url.removesuffix("/catalog")
    found = {}
    for address in addresses:
        page.goto(origin + address)
        found[address] = violations(page)
    assert {address: wrong for address, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_a_preview_in_the_menu_and_at_the_sign_in(
    opened: Open, theme: str
) -> None:
    page = opened("/?text=production+Postgres+for+payments+API", viewport=HAND, color_scheme=theme)
    page.click("text=Preview")
    page.wait_for_selector("#preview mark")
    page.click("button[popovertarget=sheet]")
    assert violations(page) == []
    assert violations(opened("/login", signed_in=False, viewport=HAND, color_scheme=theme)) == []


def test_nothing_hangs_over_the_edge_at_320_pixels_and_every_target_can_be_hit(
    opened: Open, addresses: list[str]
) -> None:
    page = opened("/catalog", viewport=NARROW)
    origin = page.url.removesuffix("/catalog")
    found = {}
    for address in addresses:
        page.goto(origin + address)
        found[address] = (page.evaluate(OVERHANG), page.evaluate(SMALL_TARGETS))
    assert {address: wrong for address, wrong in found.items() if wrong != (0, [])} == {}


def test_the_keyboard_reaches_everything_in_a_sensible_order(opened: Open) -> None:
    page = opened("/", viewport=DESK)
    expect(page.locator("#text")).to_be_focused()
    reached = []
    for _ in range(7):
        reached.append(page.evaluate("document.activeElement.id"))
        page.keyboard.press("Tab")

    assert reached == [
        "text",
        "environment",
        "team",
        "service",
        "preview-button",
        "submit-button",
        "",
    ]


def test_the_first_stop_skips_to_the_content(opened: Open) -> None:
    page = opened("/catalog", viewport=DESK)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator("#main")).to_be_focused()


def test_the_theme_changes_at_once_and_is_still_there_on_the_next_page(opened: Open) -> None:
    page = opened("/catalog", viewport=DESK, color_scheme="light")
    page.evaluate("document.body.dataset.before = getComputedStyle(document.body).backgroundColor")
    page.click('[aria-label="Use the dark theme"]')
    page.wait_for_function(
        "getComputedStyle(document.body).backgroundColor !== document.body.dataset.before"
    )
    assert page.get_attribute("body", "data-before"), "the page was not loaded again"

    page.goto(page.url)
    assert page.get_attribute("html", "data-theme") == "dark"

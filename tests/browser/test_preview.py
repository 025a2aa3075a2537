"""The preview as the place where one decides, in a browser."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from provisioning.models import ProvisionRequest
from tests.browser.conftest import Open
from tests.browser.test_accessibility import violations

pytestmark = pytest.mark.browser
TEXT = "staging Postgres database for payments API with 200 GB storage"


def previewed(opened: Open, text: str = TEXT, **look: Any) -> Page:
    page = opened("/", **look)
    page.fill("#text", text)
    page.click("#preview-button")
    expect(page.locator("#preview-title")).to_be_visible()
    return page


def change(page: Page, place: str, value: str) -> None:
    field = page.locator(f'[id="set.1.{place}"]')
    with page.expect_response(lambda response: response.url.endswith("/preview")):
        field.fill(value)
        field.blur()


def test_a_changed_value_renders_the_preview_anew_and_is_opened(opened: Open) -> None:
    page = previewed(opened)
    page.locator("#more-1 summary").click()
    change(page, "allocated_storage_gb", "300")
    expect(page.get_by_role("button", name="Storage: back to 200 GB")).to_be_visible()
    expect(page.locator("#more-1")).to_have_attribute("open", "")
    with page.expect_response(lambda response: response.url.endswith("/preview")):
        page.locator('[id="set.1.multi_az"]').check()
    expect(page.get_by_role("button", name="Standby in a second zone: back")).to_be_visible()
    expect(page.locator('[id="set.1.multi_az"]')).to_be_focused()

    page.click("#open-previewed")
    page.wait_for_url("**/requests/req-*")
    requirements = ProvisionRequest.objects.get().requirements
    assert requirements is not None
    values = requirements.resources[0].parameters
    assert (values["allocated_storage_gb"].value, values["multi_az"].value) == (300, True)


def test_a_preview_of_what_has_changed_says_so_and_loses_its_button(opened: Open) -> None:
    page = previewed(opened)
    page.select_option("#environment", "prod")
    expect(page.get_by_text("this is the preview of what it was")).to_be_visible()
    expect(page.locator("#open-previewed")).to_be_hidden()
    expect(page.locator("#live")).to_have_text(re.compile("out of date"))

    page.select_option("#environment", "")
    expect(page.locator("#open-previewed")).to_be_visible()
    page.select_option("#environment", "prod")
    page.click("#submit-button")
    expect(page.get_by_text("has changed since the preview, so nothing was opened")).to_be_visible()
    assert not ProvisionRequest.objects.exists()
    page.click("#open-previewed")
    page.wait_for_url("**/requests/req-*")
    opened.said.clear()  # the browser reports the 409


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1360, 390])
def test_axe_finds_nothing_in_a_preview_with_a_broken_rule_and_a_refused_value(
    opened: Open, theme: str, width: int
) -> None:
    page = previewed(opened, viewport={"width": width, "height": 900}, color_scheme=theme)
    change(page, "backup_retention_days", "3")
    expect(page.get_by_role("button", name="Use Backups kept: 7 days")).to_be_visible()
    assert violations(page) == []
    change(page, "allocated_storage_gb", "999999")
    expect(page.locator(".facts .error")).to_be_visible()
    assert violations(page) == []
    change(page, "allocated_storage_gb", "200")
    page.get_by_role("button", name="Use Backups kept: 7 days").click()
    expect(page.locator("#open-previewed")).to_be_visible()
    opened.said.clear()  # the browser reports each 422

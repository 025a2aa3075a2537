"""The list's filters, and every page's work without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from provisioning.models import ProvisionRequest
from provisioning.requests import tasks
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser
Sent = Callable[..., ProvisionRequest]


def test_filters_change_the_address_and_back_and_forward_restore_them(
    opened: Open, sent: Sent, ended: Sent
) -> None:
    done, waiting = ended(), sent("staging bucket for logs")
    page = opened("/requests")
    rows = page.locator("a.title")
    expect(rows).to_have_count(2)

    page.select_option("#env", "prod")
    expect(rows).to_have_text([done.text])
    page.wait_for_url("**env=prod**")
    page.fill("#q", "no such words")
    expect(page.get_by_text("No request matches")).to_be_visible()
    page.wait_for_url(re.compile("q=no(%20|[+])such"))

    page.go_back()
    expect(rows).to_have_text([done.text])
    expect(page.locator("#env")).to_have_value("prod")
    page.go_back()
    expect(rows).to_have_count(2)
    page.go_forward()
    expect(rows).to_have_text([done.text])
    expect(page.locator("#live")).to_be_attached()
    assert waiting.request_id not in page.content()


def test_typing_in_the_search_keeps_what_is_typed(opened: Open, sent: Sent) -> None:
    row = sent("staging bucket for logs")
    page = opened("/requests")
    page.focus("#q")
    page.keyboard.type("staging bucket", delay=60)
    expect(page.locator("a.title")).to_have_text([row.text])

    assert page.input_value("#q") == "staging bucket"
    expect(page.locator("#q")).to_be_focused()


def test_a_running_row_is_refreshed_by_itself(opened: Open, sent: Sent) -> None:
    row = sent()
    page = opened("/requests")
    expect(page.locator(f"#state-{row.request_id}")).to_have_text("Queued")
    tasks.run_request(row.request_id)

    expect(page.locator(f"#state-{row.request_id}")).to_have_text(
        "Pull request open", timeout=15_000
    )
    expect(page.locator(f"#pull-{row.request_id} a")).to_have_text("#1")


def test_everything_works_without_javascript(opened: Open) -> None:
    page = opened("/", java_script_enabled=False)
    page.fill("#text", "production RDS database for orders")
    page.click("#preview-button")
    page.get_by_role("radio", name="postgres").check()
    page.get_by_role("button", name="Preview with this answer").click()
    expect(page.get_by_text("your answer", exact=True)).to_be_visible()
    page.get_by_text("outputs.tf").click()
    expect(page.get_by_role("region", name="Contents of outputs.tf")).to_be_visible()
    page.click("#submit-button")
    page.wait_for_url("**/requests/req-*")

    tasks.run_request(page.url.rpartition("/")[2])
    expect(page.locator("#state")).to_have_text("Pull request open", timeout=15_000)
    page.get_by_role("link", name="variables.tf").click()
    expect(page.get_by_role("region", name="Contents of variables.tf")).to_be_visible()

    page.goto(page.url.split("/requests")[0] + "/requests")
    page.select_option("#status", "running")
    page.click("#filter")
    expect(page.get_by_text("No request matches")).to_be_visible()
    page.click('[aria-label="Use the dark theme"]')
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    opened.said.clear()  # the browser reports the 422 of the first preview


def test_signing_in_by_keyboard_and_out_again(opened: Open, ana: object) -> None:
    from django.contrib.auth.models import User

    user = User.objects.get()
    user.set_password("only for tests 1")
    user.save()
    page = opened("/?text=staging%20bucket", signed_in=False)
    expect(page.locator("#username")).to_be_focused()
    page.keyboard.type(user.username)
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.locator(".error")).to_be_focused()

    page.fill("#password", "only for tests 1")
    page.keyboard.press("Enter")
    expect(page.locator("#text")).to_have_value("staging bucket")
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/login")

"""From a typed sentence to an open pull request, as a person does it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from provisioning.models import ProvisionRequest, PullRequest
from provisioning.requests import tasks
from tests.browser.conftest import Open

pytestmark = pytest.mark.browser
TEXT = "production Postgres database for payments API with 200 GB"
Sent = Callable[..., ProvisionRequest]


def polls(page: Page) -> list[Request]:
    """What is asked for the running request from now on."""
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if "/live" in request.url else None)
    return asked


def work(request_id: str) -> ProvisionRequest:
    tasks.run_request(request_id)
    return ProvisionRequest.objects.get(request_id=request_id)


def request_id(page: Page) -> str:
    return page.url.rpartition("/")[2]


def test_typed_previewed_submitted_and_followed_to_the_end_without_a_reload(opened: Open) -> None:
    page = opened()
    page.fill("#text", TEXT)
    page.click("#preview-button")
    expect(page.locator("#preview mark").first).to_have_text("production")
    expect(page.locator("#live")).to_have_text("The preview is ready.")
    assert not ProvisionRequest.objects.exists()

    page.get_by_text("terraform.tfvars.json").click()
    expect(page.get_by_role("region", name="Contents of terraform.tfvars.json")).to_be_visible()
    page.locator("#preview").get_by_role("button", name="Open pull request").click()
    page.wait_for_url("**/requests/req-*")
    page.evaluate("window.stillTheSamePage = true")
    expect(page.locator("#state")).to_have_text("Queued")

    row = work(request_id(page))
    expect(page.locator("#state")).to_have_text("Pull request open")
    expect(page.locator("#live")).to_have_text("Done. Pull request 1 is open.")
    expect(page).to_have_title(re.compile("^Pull request open: production Postgres"))
    expect(page.get_by_role("region", name="Contents of terraform.tfvars.json")).to_be_visible()
    assert page.evaluate("window.stillTheSamePage")
    assert (row.status, row.text) == ("completed", TEXT)

    page.click("#review")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.endswith("/pulls/1")


def test_polling_ends_with_the_request(opened: Open, sent: Sent) -> None:
    row = sent()
    page = opened(f"/requests/{row.request_id}")
    expect(page.locator("#progress")).to_have_attribute("hx-trigger", "every 2s")
    work(row.request_id)
    expect(page.locator("#state")).to_have_text("Pull request open")
    expect(page.locator("#progress")).to_have_attribute("hx-trigger", "every 5s")
    PullRequest.objects.update(state="merged")
    ProvisionRequest.objects.get(pk=row.pk).note("Merged by Bea.", "bea")
    expect(page.locator("#state")).to_have_text("Merged")
    expect(page.locator("#progress")).not_to_have_attribute("hx-trigger", re.compile("."))

    asked = polls(page)
    page.evaluate(
        "new Promise(done => setTimeout(done, 6000))"
    )  # more than a poll's time, passed in the browser
    assert asked == []


def test_focus_and_open_folds_stay_while_a_poll_finds_nothing_new(opened: Open, sent: Sent) -> None:
    row = sent("bucket for " + "logs " * 60)
    page = opened(f"/requests/{row.request_id}")
    page.click("summary")
    page.focus("#cancel")
    with page.expect_response(lambda response: "/live" in response.url) as polled:
        pass

    assert polled.value.status == 204
    expect(page.locator("#cancel")).to_be_focused()
    assert page.evaluate("document.querySelector('details').open")


def test_focus_on_a_button_stays_when_the_state_changes(opened: Open, sent: Sent) -> None:
    row = sent()
    page = opened(f"/requests/{row.request_id}")
    page.focus("#copy-link")
    work(row.request_id)
    expect(page.locator("#state")).to_have_text("Pull request open")

    expect(page.locator("#copy-link")).to_be_focused()


def test_a_lost_connection_is_said_quietly_and_passes(opened: Open, sent: Sent) -> None:
    row = sent()
    page = opened(f"/requests/{row.request_id}")
    page.context.set_offline(True)
    expect(page.get_by_text("Connection lost, trying again")).to_be_visible()
    page.context.set_offline(False)
    work(row.request_id)
    expect(page.locator("#state")).to_have_text("Pull request open", timeout=30_000)
    opened.said.clear()  # the browser itself reports that it is offline


def test_control_and_enter_submit(opened: Open) -> None:
    page = opened()
    page.fill("#text", TEXT)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/requests/req-*")

    assert ProvisionRequest.objects.get().text == TEXT


def test_a_double_click_makes_one_request(opened: Open) -> None:
    page = opened()
    page.fill("#text", TEXT)
    page.dblclick("#submit-button")
    page.wait_for_url("**/requests/req-*")

    assert ProvisionRequest.objects.count() == 1


def test_a_double_click_makes_one_request_without_javascript_too(opened: Open) -> None:
    page = opened(java_script_enabled=False)
    page.fill("#text", TEXT)
    page.dblclick("#submit-button")
    page.wait_for_url("**/requests/req-*")

    assert ProvisionRequest.objects.count() == 1


def test_an_example_fills_the_form_and_shows_its_preview(opened: Open) -> None:
    page = opened()
    example = page.locator(".chip").first
    text = example.inner_text()
    example.click()
    expect(page.locator("#text")).to_have_value(text)
    expect(page.locator("#preview-title")).to_be_visible()

    expect(page.locator("#text")).to_be_focused()


def test_what_is_wrong_is_said_at_the_field_and_the_text_stays(opened: Open) -> None:
    page = opened()
    page.fill("#text", "bucket, password: hunter2secret")
    page.click("#preview-button")
    expect(page.get_by_role("alert")).to_contain_text("Nothing was stored")

    assert page.input_value("#text") == "bucket, password: hunter2secret"
    expect(page.locator("#text")).to_be_focused()
    opened.said.clear()  # the browser reports the 422


def test_a_question_is_answered_in_the_preview_and_counts_when_it_is_sent(opened: Open) -> None:
    page = opened()
    page.fill("#text", "production RDS database for orders")
    page.click("#preview-button")
    page.get_by_role("radio", name="mysql").check()
    page.get_by_role("button", name="Preview with this answer").click()
    expect(page.get_by_text("your answer", exact=True)).to_be_visible()
    page.click("#submit-button")
    page.wait_for_url("**/requests/req-*")

    assert ProvisionRequest.objects.get().answers == {"rds.engine": "mysql"}
    opened.said.clear()  # the browser reports the 422


def test_a_question_is_answered_on_the_request_and_the_next_one_succeeds(
    opened: Open, ended: Sent
) -> None:
    row = ended("production RDS database for orders")
    page = opened(f"/requests/{row.request_id}")
    page.get_by_role("radio", name="mysql").check()
    page.get_by_role("button", name="Continue with this answer").click()
    expect(page.get_by_text(f"Continues {row.request_id}")).to_be_visible()
    work(request_id(page))

    expect(page.locator("#state")).to_have_text("Pull request open")


def test_a_queued_request_is_cancelled_and_edited(opened: Open, sent: Sent) -> None:
    row = sent()
    page = opened(f"/requests/{row.request_id}")
    page.click("#cancel")
    expect(page.locator("#state")).to_have_text("Cancelled")
    page.click("#edit")

    expect(page.locator("#text")).to_have_value(row.text)


def test_two_windows_show_the_same(opened: Open, sent: Sent) -> None:
    row = sent()
    windows = [opened(f"/requests/{row.request_id}") for _ in range(2)]
    work(row.request_id)

    for window in windows:
        expect(window.locator("#state")).to_have_text("Pull request open")


def test_a_session_that_ends_while_the_page_polls_leads_to_the_sign_in(
    opened: Open, sent: Sent
) -> None:
    row = sent()
    page = opened(f"/requests/{row.request_id}")
    page.context.clear_cookies()
    page.wait_for_url(f"**/login?next=%2Frequests%2F{row.request_id}")
    opened.said.clear()  # the browser reports the 401


def test_files_change_without_a_reload_and_a_line_has_an_address(opened: Open, ended: Sent) -> None:
    row = ended()
    page = opened(f"/requests/{row.request_id}")
    page.evaluate("window.stillTheSamePage = true")
    page.locator("#terraform").get_by_role("link", name="variables.tf").click()
    expect(page.get_by_role("region", name="Contents of variables.tf")).to_be_visible()
    assert page.evaluate("window.stillTheSamePage")
    assert "file=variables.tf" in page.url

    page.goto(page.url + "#variables.tf-L12")
    expect(page.locator("#variables\\.tf-L12")).to_be_in_viewport()

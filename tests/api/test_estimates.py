"""What a request costs is in the answers of the API and on the pages, as complete as in the pull request."""

import json

import pytest
from django.test import Client

from provisioning.requests import tasks
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("portal")]
KEY, DATABASE = "production KMS key for payments", "production Postgres database for payments API"


@pytest.fixture
def browser() -> Client:
    signed_in = Client()
    signed_in.force_login(make_user("ana"))
    return signed_in


def post(browser: Client, path: str, text: str) -> dict[str, object]:
    answer = browser.post(
        f"/api/v1/{path}",
        json.dumps({"request": text, "requester": "ana"}),
        content_type="application/json",
    )
    found: dict[str, object] = answer.json()
    return found


def test_a_dry_run_says_what_it_costs(browser: Client) -> None:
    estimate = post(browser, "dry-run", KEY)["estimate"]

    assert isinstance(estimate, dict)
    assert estimate["sentence"] == "Estimate: about $1.00 a month, usage on top."
    assert (estimate["usd"], estimate["most"]) == (1.0, 1.0)


def test_a_sum_without_its_main_part_is_null_and_the_part_named(browser: Client) -> None:
    estimate = post(browser, "dry-run", DATABASE)["estimate"]

    assert isinstance(estimate, dict)
    assert (estimate["usd"], estimate["most"]) == (None, None)
    assert "no price of Instance db.m7g.large" in estimate["sentence"]


def test_a_status_and_its_page_say_it_too(browser: Client) -> None:
    request_id = post(browser, "provision", KEY)["request_id"]
    tasks.run_request(str(request_id))

    status = browser.get(f"/api/v1/requests/{request_id}/status").json()
    page = browser.get(f"/requests/{request_id}").content.decode()

    assert status["estimate"]["sentence"] in page
    assert "about $1.00 a month" in page

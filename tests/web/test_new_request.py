"""The form, its preview and the submission."""

import html
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from provisioning import wiring
from provisioning.identity.people import caller_of_user
from provisioning.management.commands.dev import EXAMPLE, Command
from provisioning.models import Preview, ProvisionRequest
from provisioning.requests import services, tasks
from tests.web.reading import Person, Sent, is_whole_page, on_one_line

TEXT = "production Postgres database for payments API"
HTMX = {"HX-Request": "true"}


def test_the_form_comes_filled_in_from_a_link(pages: Client) -> None:
    page = pages.get(
        "/", {"text": "a <b>bucket</b>", "environment": "prod", "service": "payments-api"}
    ).text

    assert "a &lt;b&gt;bucket&lt;/b&gt;</textarea>" in page
    assert '<option value="prod" selected>' in page
    assert 'value="payments-api"' in page


def test_the_first_team_of_the_user_is_filled_in(pages: Client) -> None:
    page = pages.get("/").text

    assert re.search(r'<input id="team"[^>]*value="payments-team">', page)


def test_a_preview_of_two_resources_with_one_name_tells_them_apart(pages: Client) -> None:
    page = pages.post(
        "/preview", {"text": "staging SQS queue and SNS topic for invoices"}, headers=HTMX
    ).text
    ids = re.findall(r' id="([^"]+)"', page)

    assert len(ids) == len(set(ids))
    assert '<span class="id">terraform/staging/sqs/invoices</span>' in page
    assert '<span class="id">terraform/staging/sns/invoices</span>' in page


def test_submitting_makes_one_request_and_leads_to_it(pages: Client, ana: User) -> None:
    response = pages.post(
        "/requests", {"text": TEXT, "team": "payments-team", "service": "payments-api"}
    )

    row = ProvisionRequest.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/requests/{row.request_id}")
    assert (row.text, row.requester, row.team, row.service) == (
        TEXT,
        ana.email,
        "payments-team",
        "payments-api",
    )
    assert (row.user, row.source) == (ana, "web")


def test_the_same_page_sent_twice_makes_one_request(pages: Client) -> None:
    form = {"text": TEXT, "idempotency_key": "of-this-page"}
    first, second = pages.post("/requests", form), pages.post("/requests", form)

    assert first["Location"] == second["Location"]
    assert ProvisionRequest.objects.count() == 1


def test_a_corrected_sentence_from_the_same_page_is_another_request(pages: Client) -> None:
    pages.post("/requests", {"text": TEXT, "idempotency_key": "of-this-page"})
    pages.post("/requests", {"text": TEXT + " with 200 GB", "idempotency_key": "of-this-page"})

    assert ProvisionRequest.objects.count() == 2


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"text": ""}, "Say in one sentence"),
        ({"text": " \n\t "}, "Say in one sentence"),
        ({"text": "x" * 4001}, "4000"),
        ({"text": "bucket \x07"}, "control character"),
        ({"text": TEXT, "environment": "moon"}, "is not an environment"),
        ({"text": TEXT, "team": "x" * 101}, "100"),
        ({"text": "bucket, password: hunter2secret"}, "Nothing was stored"),
    ],
)
@pytest.mark.parametrize("address", ["/requests", "/preview"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_bad_input_is_refused_beside_the_field_and_keeps_the_text(
    pages: Client, form: dict[str, str], words: str, address: str, headers: dict[str, str]
) -> None:
    response = pages.post(address, form, headers=headers)

    assert response.status_code == 422
    assert words in response.text
    assert 'aria-invalid="true"' in response.text
    assert "autofocus" in response.text
    assert form["text"].strip("\n\t \x07")[:3900] in response.text
    assert not ProvisionRequest.objects.exists()
    assert is_whole_page(response.text) is not bool(headers)


def test_a_preview_shows_the_words_the_values_and_the_files_and_creates_nothing(
    pages: Client,
) -> None:
    page = pages.post("/preview", {"text": TEXT}).text

    assert "Nothing has been created yet" in page
    assert "<mark>production</mark>" in page
    assert "your words" in page
    assert "terraform.tfvars.json" in page
    assert '<span class="kd">resource</span>' in page
    assert not ProvisionRequest.objects.exists()


def test_htmx_gets_the_preview_alone_and_a_sentence_for_screen_readers(pages: Client) -> None:
    part = pages.post("/preview", {"text": TEXT}, headers=HTMX).text

    assert not is_whole_page(part)
    assert '<div id="live" hx-swap-oob="innerHTML">The preview is ready.</div>' in on_one_line(part)


def test_what_was_previewed_is_what_is_submitted(pages: Client) -> None:
    pages.post("/preview", {"text": TEXT})
    shown = Preview.objects.get()
    pages.post("/requests", {"text": TEXT, "preview": shown.token})

    assert ProvisionRequest.objects.get().requirements_json == shown.requirements_json


def test_a_question_is_asked_in_the_preview_and_its_answer_previewed(pages: Client) -> None:
    asked = pages.post("/preview", {"text": "production RDS database for orders"})
    assert asked.status_code == 422
    assert 'name="answer.rds.engine" value="postgres"' in on_one_line(asked.text)

    answered = pages.post(
        "/preview", {"text": "production RDS database for orders", "answer.rds.engine": "mysql"}
    )
    assert answered.status_code == 200
    assert "your answer" in answered.text
    assert 'type="hidden" name="answer.rds.engine" value="mysql"' in on_one_line(answered.text)


def test_what_is_not_offered_is_said_with_a_way_to_the_catalog(pages: Client) -> None:
    response = pages.post("/preview", {"text": "delete the production database"})

    assert response.status_code == 422
    assert "The portal does not offer this" in response.text
    assert 'href="/catalog"' in response.text


def test_editing_a_copy_fills_the_form_and_names_the_first_one(pages: Client, sent: Sent) -> None:
    row = sent(service="payments-api")
    page = pages.get("/", {"from": row.request_id}).text
    assert row.text in page
    assert f'Editing a copy of<a href="/requests/{row.request_id}">' in on_one_line(page)

    pages.post("/requests", {"text": row.text + " with 200 GB", "follow_up_of": row.request_id})
    assert ProvisionRequest.objects.get(follow_up_of=row).text == row.text + " with 200 GB"


def test_nobody_hangs_a_request_on_somebody_elses(
    pages: Client, sent: Sent, person: Person
) -> None:
    other = sent(user=person("eve"))

    assert pages.get("/", {"from": other.request_id}).status_code == 404
    pages.post("/requests", {"text": TEXT, "follow_up_of": other.request_id})
    assert not ProvisionRequest.objects.filter(follow_up_of=other).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("order", [1, -1])
def test_each_chip_succeeds_after_the_demos_first_request_in_any_order_and_twice(
    client: Client, order: int
) -> None:
    Command().first_administrator()
    admin = User.objects.get()
    tasks.run_request(services.submit(EXAMPLE, caller=caller_of_user(admin)).request_id)
    client.force_login(admin)
    page = client.get("/").text
    team = re.search(r'name="team"[^>]*value="([^"]*)"', page)
    chips = [html.unescape(text) for text in re.findall(r'data-fill="([^"]*)"', page)]
    assert EXAMPLE.text in chips
    assert team is not None
    for text in 2 * chips[::order]:
        address = client.post("/requests", {"text": text, "team": team[1]}).url  # type: ignore[attr-defined]
        tasks.run_request(address.rpartition("/")[2])
        row = ProvisionRequest.objects.latest("pk")
        assert row.status == "completed", row.error
    assert len(wiring.local_repository().pull_requests()) == len(set(chips))

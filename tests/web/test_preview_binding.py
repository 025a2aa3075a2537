"""A preview cannot lie: what was looked at is what is opened, and nothing else."""

import re
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from provisioning.models import Preview, ProvisionRequest
from provisioning.pipeline.confirm import yes_to
from tests.web.pressing import Composer
from tests.web.reading import Person, on_one_line

STAGING = "staging S3 bucket for invoices"
TAKE_OFF = "\N{MULTIPLICATION SIGN}"
ASKS = "a database for billing in prod"


def previewed(pages: Client, text: str = STAGING, **fields: str) -> Composer:
    form = Composer(pages.get("/").text).put(text=text, **fields)
    return Composer(form.press(pages, "Preview").text)


def opened(pages: Client, form: Composer) -> Any:
    """As the preview's own button does."""
    [button] = [one for one in form.buttons if one.id == "open-previewed"]
    return form.send(pages, button)


def test_the_previews_own_button_opens_what_it_shows(pages: Client) -> None:
    shown = previewed(pages)

    assert opened(pages, shown).status_code == 302
    row = ProvisionRequest.objects.get()
    assert row.requirements_json == Preview.objects.get().requirements_json


def test_staging_was_previewed_so_production_is_not_opened(pages: Client) -> None:
    answer = opened(pages, previewed(pages).put(environment="prod"))

    assert answer.status_code == 409
    assert "has changed since the preview, so nothing was opened" in answer.text
    assert not ProvisionRequest.objects.exists()
    anew = Composer(answer.text)
    assert anew.value("environment") == "prod"
    assert opened(pages, anew).status_code == 302
    [resource] = ProvisionRequest.objects.get().requirements.resources  # type: ignore[union-attr]
    assert resource.environment.value == "prod"


def test_another_sentence_than_the_previewed_one_is_shown_before_it_is_opened(
    pages: Client,
) -> None:
    answer = opened(pages, previewed(pages).put(text="staging SQS queue for invoices"))

    assert answer.status_code == 409
    assert "terraform/staging/sqs/invoices" in answer.text
    assert not ProvisionRequest.objects.exists()


def test_a_preview_of_somebody_else_is_not_submitted(
    pages: Client, client: Client, person: Person
) -> None:
    shown = previewed(pages, team="")
    client.force_login(person("eve"))

    assert opened(client, shown).status_code == 409
    assert not ProvisionRequest.objects.exists()


def test_a_preview_of_more_than_a_week_ago_is_shown_again(pages: Client) -> None:
    shown = previewed(pages)
    Preview.objects.update(created_at=timezone.now() - timedelta(days=8))

    assert opened(pages, shown).status_code == 409
    assert not ProvisionRequest.objects.exists()


def test_two_questions_one_after_the_other_come_to_an_end(pages: Client) -> None:
    form = previewed(pages, ASKS)
    seen = set()
    while form.button("Preview with this answer"):
        [asked] = sorted(
            set(re.findall(r'<input[^>]*name="(answer\.[^"]+)"[^>]*form="composer"', form.page))
        )
        assert asked not in seen
        seen.add(asked)
        choice = re.search(rf'name="{re.escape(asked)}"[^>]*value="([^"]+)"', form.page)
        assert choice is not None
        form = Composer(form.fill({asked: choice[1]}).press(pages, "Preview with this").text)

    assert len(seen) >= 1
    assert set(form.names("answer.")) == seen
    assert opened(pages, form).status_code == 302


def test_an_answer_does_not_stick_to_the_next_sentence(pages: Client) -> None:
    form = previewed(pages, "production RDS database for orders")
    form = Composer(form.fill({"answer.rds.engine": "mysql"}).press(pages, "Preview with").text)
    assert "Your answers" in form.page

    page = form.put(text="production RDS database for invoices").press(pages, "Preview").text
    assert "the answers to the one before were left out" in page
    assert "Your answers" not in page


def test_an_answer_is_a_chip_that_can_be_taken_off(pages: Client) -> None:
    form = previewed(pages, "production RDS database for orders")
    form = Composer(form.fill({"answer.rds.engine": "mysql"}).press(pages, "Preview with").text)
    assert "Engine:<b>mysql</b>" in on_one_line(form.page)

    again = form.press(pages, TAKE_OFF)
    assert again.status_code == 422
    assert "Which database engine" in again.text


def test_the_answers_stay_after_a_refusal_of_one_of_them(pages: Client) -> None:
    form = previewed(pages, "production RDS database for orders")
    answer = form.fill({"answer.rds.engine": "a turtle"}).press(pages, "Preview with this")

    assert answer.status_code == 422
    assert "a turtle" in Composer(answer.text).value("answer.rds.engine")
    assert Composer(answer.text).button(TAKE_OFF)


def test_a_question_has_a_free_field_and_nothing_is_chosen_beforehand(pages: Client) -> None:
    page = previewed(pages, "dev Postgres with 500,000 GB storage for orders").page

    assert "65536" in page
    assert not re.search(r"recommended|<input type=\"radio\"\s+name=\"answer[^>]*checked", page)
    assert 'placeholder="or in your own words"' in page


def test_a_yes_is_to_what_was_shown_and_to_nothing_else(pages: Client) -> None:
    page = previewed(pages, "four dev S3 buckets for logs").page
    said = re.search(r'name="answer.confirm"[^>]*value="(yes[^"]*)"', page)

    assert said is not None
    assert re.fullmatch(r"yes:[0-9a-f]{12}", said[1])
    form = Composer(page)
    assert (
        "Nothing has been created"
        in form.fill({"answer.confirm": said[1]}).press(pages, "Preview with").text
    )
    other = Composer(page).fill({"answer.confirm": yes_to("x Is this what you mean: another")})
    assert other.press(pages, "Preview with").status_code == 422


def test_the_page_knows_what_its_preview_is_of(pages: Client) -> None:
    page = previewed(pages, team="payments-team").page

    assert (
        'data-of="[&quot;staging S3 bucket for invoices&quot;, &quot;&quot;, &quot;payments-team&quot;'
        in page
    )
    assert 'id="stale-note" hidden' in on_one_line(page)


def test_a_colleague_reads_a_preview_by_its_link(
    pages: Client, client: Client, person: Person, ana: User
) -> None:
    shown = previewed(pages)
    client.force_login(person("eve"))
    page = client.get(f"/p/{shown.value('preview')}")

    assert page.status_code == 200
    assert f"What {ana.email} previewed" in on_one_line(page.text)
    assert "terraform.tfvars.json" in page.text
    assert 'name="preview"' not in page.text


def test_the_link_to_a_preview_asks_for_a_sign_in_and_ends_after_a_week(
    pages: Client, client: Client
) -> None:
    address = f"/p/{previewed(pages).value('preview')}"
    client.logout()
    assert client.get(address)["Location"] == f"/login?next={address}"

    client.force_login(User.objects.get())
    Preview.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert client.get(address).status_code == 404
    assert client.get("/p/guessed").status_code == 404


def test_a_preview_whose_type_left_the_catalog_is_read_again(pages: Client) -> None:
    shown = previewed(pages)
    kept = Preview.objects.get()
    assert kept.understood_json is not None
    for told in (kept.understood_json, kept.requirements_json):
        told["resources"][0]["type"] = "retired"
    kept.save()

    assert opened(pages, shown).status_code == 409
    assert not ProvisionRequest.objects.exists()
    again = shown.press(pages, "Preview")
    assert again.status_code == 200
    assert opened(pages, Composer(again.text)).status_code == 302

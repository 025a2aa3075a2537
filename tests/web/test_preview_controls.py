"""Each value of a preview is a control; a changed one renders the preview anew and is what is opened."""

import pytest
from django.test import Client

from provisioning.models import Preview, ProvisionRequest
from tests.web.pressing import Composer
from tests.web.reading import Person, Sent, on_one_line
from tests.web.test_preview_binding import opened, previewed

POSTGRES = "staging Postgres database for payments API with 200 GB storage"
STORAGE, STANDBY = "set.1.allocated_storage_gb", "set.1.multi_az"
BACKUPS, ENGINE = "set.1.backup_retention_days", "set.1.engine"


def updated(pages: Client, form: Composer, values: dict[str, str]) -> Composer:
    return Composer(form.fill(values).press(pages, "Update the preview").text)


def test_values_are_controls_with_the_catalogs_bounds(pages: Client) -> None:
    page = on_one_line(previewed(pages, POSTGRES).page)

    assert (
        'id="set.1.allocated_storage_gb" name="set.1.allocated_storage_gb" value="200" min="5" max="65536"'
        in page
    )
    assert 'role="switch" id="set.1.multi_az"' in page
    assert "<option selected>postgres</option>" in page


def test_what_people_change_comes_first_and_what_the_platform_sets_last(pages: Client) -> None:
    page = previewed(pages, POSTGRES).page
    places = [page.index(one) for one in (ENGINE, STORAGE, STANDBY, "set.1.port", "and tags that")]

    assert places == sorted(places)
    assert 'name="set.1.kms_key_arn"' not in page


def test_a_changed_value_is_the_persons_own_and_is_what_is_opened(pages: Client) -> None:
    shown = updated(pages, previewed(pages, POSTGRES), {STANDBY: "yes"})
    assert "Back to Off (default of rds)" in on_one_line(shown.page)

    assert opened(pages, shown).status_code == 302
    row = ProvisionRequest.objects.get()
    [resource] = row.requirements.resources  # type: ignore[union-attr]
    assert resource.parameters["multi_az"].value is True
    assert resource.parameters["multi_az"].origin.kind == "edit"
    assert row.requirements_json == Preview.objects.latest("pk").requirements_json


def test_changes_add_up_and_each_can_be_taken_back(pages: Client) -> None:
    shown = updated(pages, previewed(pages, POSTGRES), {STANDBY: "yes"})
    shown = updated(pages, shown, {STORAGE: "300"})
    assert Preview.objects.latest("pk").edits == {
        "1.multi_az": "yes",
        "1.allocated_storage_gb": "300",
    }

    back = Composer(shown.press(pages, "Back to 200 GB (your words)").text)
    assert back.value(STORAGE) == "200"
    assert Preview.objects.latest("pk").edits == {"1.multi_az": "yes"}


def test_a_value_set_to_what_was_read_is_no_change(pages: Client) -> None:
    shown = updated(pages, previewed(pages, POSTGRES), {STORAGE: "300"})
    updated(pages, shown, {STORAGE: "200"})

    assert Preview.objects.latest("pk").edits == {}


def test_defaults_follow_a_changed_value(pages: Client) -> None:
    shown = updated(pages, previewed(pages, POSTGRES), {ENGINE: "mysql"})

    assert shown.value("set.1.engine_version") == "8.4"
    assert shown.value("set.1.port") == "3306"


def test_a_new_name_moves_everything(pages: Client) -> None:
    shown = updated(pages, previewed(pages, POSTGRES), {"set.1.application": "Billing API"})

    assert "terraform/staging/rds/billing-api" in shown.page


@pytest.mark.parametrize(
    ("place", "said", "words"),
    [
        (STORAGE, "500000", "can be at most 65536 GB"),
        (STORAGE, "a lot", "must be a whole number"),
        ("set.1.engine", "turtle", "cannot be"),
        ("set.1.application", "???", "Latin letters"),
        ("set.1.database_name", "x\u202ey", "invisible character"),
        ("set.1.database_name", "<script>", "use lower-case letters"),
    ],
)
def test_an_impossible_value_is_said_beside_its_control_and_the_rest_stays(
    pages: Client, place: str, said: str, words: str
) -> None:
    answer = previewed(pages, POSTGRES).fill({place: said}).press(pages, "Update the preview")

    assert answer.status_code == 422
    assert words in answer.text
    assert "<script>" not in answer.text.partition("<main")[2].replace("<script src", "")
    again = Composer(answer.text)
    assert again.value(place) in {said, "postgres"}
    assert again.value(STANDBY) == "no"
    if place != ENGINE:  # a list cannot show what is not in it: it is as it was
        assert opened(pages, again).status_code in {409, 422}
        assert not ProvisionRequest.objects.exists()


def test_a_value_that_was_changed_and_not_yet_looked_at_is_not_opened(pages: Client) -> None:
    answer = opened(pages, previewed(pages, POSTGRES).fill({STORAGE: "300"}))

    assert answer.status_code == 409
    assert Composer(answer.text).value(STORAGE) == "300"
    assert not ProvisionRequest.objects.exists()


def test_a_broken_rule_keeps_the_rest_and_offers_what_keeps_it(pages: Client) -> None:
    shown = updated(pages, previewed(pages, POSTGRES), {BACKUPS: "3"})
    assert "Databases keep backups for 7 days at least" in shown.page
    assert shown.value(STORAGE) == "200"
    assert not shown.page.count('id="open-previewed"')

    mended = Composer(shown.press(pages, "Use Backups kept: 7 days").text)
    assert mended.value(BACKUPS) == "7"
    assert opened(pages, mended).status_code == 302


def test_a_sentence_that_breaks_a_rule_is_mended_by_one_click(pages: Client) -> None:
    shown = previewed(pages, "staging Postgres database for payments, backups kept for 3 days")
    mended = Composer(shown.press(pages, "Use Backups kept: 7 days").text)

    assert opened(pages, mended).status_code == 302


def test_an_engine_that_is_not_offered_is_replaced_by_one_click(pages: Client) -> None:
    shown = previewed(pages, "staging Oracle database for payments")
    mended = Composer(shown.press(pages, "Use Engine: postgres").text)

    assert mended.value(ENGINE) == "postgres"
    assert opened(pages, mended).status_code == 302


def test_values_of_another_sentence_are_left_out_and_that_is_said(pages: Client) -> None:
    shown = updated(pages, previewed(pages, POSTGRES), {STORAGE: "300"})
    page = shown.put(text="staging SQS queue for invoices").press(pages, "Preview").text

    assert "the values that you had set were left out" in page


def test_two_tabs_each_open_what_they_show(pages: Client) -> None:
    first = previewed(pages, POSTGRES)
    larger = updated(pages, Composer(first.page), {STORAGE: "300"})
    standby = updated(pages, Composer(first.page), {STANDBY: "yes"})
    opened(pages, larger)
    opened(pages, standby)

    storages = [
        row.requirements.resources[0].parameters["allocated_storage_gb"].value  # type: ignore[union-attr]
        for row in ProvisionRequest.objects.order_by("pk")
    ]
    assert storages == [300, 200]


def test_a_directory_that_somebody_has_is_said_with_ways_on(
    pages: Client, ended: Sent, person: Person, client: Client
) -> None:
    row = ended(POSTGRES)
    page = on_one_line(previewed(pages, POSTGRES).page)
    assert "is in pull request #1, opened just now." in page
    assert f'<a href="/requests/{row.request_id}">Follow it</a>' in page
    assert 'or use<a href="#set.1.application">another name</a>' in page

    client.force_login(person("eve"))
    page = on_one_line(previewed(client, POSTGRES).page)
    assert "is in pull request #1" in page
    assert "Follow it" not in page


def test_a_name_that_was_given_in_the_preview_is_free(pages: Client, ended: Sent) -> None:
    ended(POSTGRES)
    shown = updated(pages, previewed(pages, POSTGRES), {"set.1.application": "billing"})

    assert "is in pull request" not in shown.page


KEY = "AKIA" + "Q3EGSVKL5TPXW7ZA"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("dev SSM parameter for the mail host, value smtp.example.com", "set.1.value"),
        (POSTGRES, "set.1.database_name"),
    ],
)
def test_a_secret_is_no_value_and_is_kept_nowhere(pages: Client, text: str, place: str) -> None:
    shown = previewed(pages, text)
    assert place in shown.page
    answer = shown.fill({place: f"export AWS_ACCESS_KEY_ID={KEY}"}).press(
        pages, "Update the preview"
    )

    assert answer.status_code == 422
    assert "seems to hold" in answer.text
    assert not any(KEY in str(kept.edits) for kept in Preview.objects.all())

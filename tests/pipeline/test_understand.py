from functools import cache

import pytest

from provisioning.catalog import Catalog
from provisioning.domain import Origin, Question, Reading, ReadResource, Requirements, Submission
from provisioning.errors import ClarificationNeededError, OutOfScopeError, PolicyViolationError
from provisioning.pipeline.understand import understand
from tests.support.scripted import Scripted, asking, database, small_catalog

POSTGRES = ("engine", "postgres", "Postgres")


@cache
def catalog() -> Catalog:
    return small_catalog()


def settle(reading: Reading, submission: Submission | None = None) -> Requirements:
    return understand(Scripted(reading, reading), catalog(), submission or asking())


def test_every_value_has_an_origin_and_words_of_the_text_have_their_span() -> None:
    reading = database(
        POSTGRES, application="payments API", environment="prod", environment_quote="production"
    )
    [resource] = settle(reading).resources

    assert resource.environment.origin == Origin("text", "production", 0, 10)
    assert resource.parameters["engine"].origin == Origin("text", "Postgres", 11, 19)
    assert resource.parameters["backup_days"].value == 14
    assert resource.parameters["backup_days"].origin == Origin("default", "default of prod")
    assert resource.parameters["subnet_ids"].value == ("subnet-prod",)
    assert resource.parameters["engine_version"].value == "17"
    assert resource.application.value == "payments-api"
    assert (resource.name, resource.aws_name) == ("payments-api-db", "prod-payments-api-db")


def test_a_quote_that_is_not_in_the_text_is_complained_about_once_and_then_asked() -> None:
    lying = database(POSTGRES, ("storage_gb", 500, "500 GB"))
    parser = Scripted(lying, lying)

    with pytest.raises(ClarificationNeededError) as refusal:
        understand(parser, catalog(), asking())

    assert parser.complaints == [(), ["Storage: the text does not say '500 GB'."]]
    assert [question.id for question in refusal.value.questions] == ["database.storage_gb"]


def test_a_repaired_answer_is_taken() -> None:
    parser = Scripted(database(POSTGRES, ("storage_gb", 500, "500 GB")), database(POSTGRES))
    assert understand(parser, catalog(), asking()).resources[0].parameters["storage_gb"].value == 20


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("storage_gb", 5, "at least 20 GB"),
        ("storage_gb", 5000, "at most 1000 GB"),
        ("storage_gb", "plenty", "whole number"),
    ],
)
def test_an_impossible_value_becomes_a_question_that_names_the_bound(
    name: str, value: object, said: str
) -> None:
    with pytest.raises(ClarificationNeededError, match=said):
        settle(database(POSTGRES, (name, value, "payments")))


def test_unknown_parameters_are_left_out_and_said() -> None:
    made_up = ("deletion_protection", "false", "payments")
    requirements = settle(database(POSTGRES, made_up, application="payments"))
    assert "deletion_protection" not in requirements.resources[0].parameters
    assert "no parameter 'deletion_protection'" in requirements.notes[0]


def test_a_type_that_the_catalog_lacks_becomes_a_question_with_the_types_it_has() -> None:
    with pytest.raises(ClarificationNeededError) as refusal:
        settle(Reading("ok", (ReadResource("mainframe"),)))
    assert refusal.value.questions[0].choices == ("database",)


def test_an_environment_that_the_text_does_not_say_is_asked() -> None:
    with pytest.raises(ClarificationNeededError, match="environment"):
        settle(database(POSTGRES, environment="prod", environment_quote="live"))


def test_the_field_wins_over_the_text_and_a_note_says_so() -> None:
    reading = database(
        POSTGRES, application="payments", environment="prod", environment_quote="production"
    )
    requirements = settle(reading, asking(environment="dev"))
    assert requirements.resources[0].environment == requirements.resources[0].tags["Environment"]
    assert requirements.resources[0].environment.origin == Origin("field", "environment")
    assert requirements.notes == ("The text says prod; the field says dev. The field was used.",)


def test_a_required_parameter_that_nobody_stated_is_asked_with_its_choices() -> None:
    with pytest.raises(ClarificationNeededError) as refusal:
        settle(database())
    assert refusal.value.questions == (
        Question("database.engine", "Which engine?", ("postgres", "mysql"), "postgres"),
    )


def test_an_answer_settles_what_was_asked() -> None:
    [resource] = settle(database(), asking(answers={"database.engine": "mysql"})).resources
    assert resource.parameters["engine"].value == "mysql"
    assert resource.parameters["engine"].origin == Origin("answer", "database.engine")
    assert resource.parameters["engine_version"].value == "8.4"


def test_a_value_that_the_catalog_names_to_refuse_is_a_violation() -> None:
    with pytest.raises(
        PolicyViolationError,
        match=r"Oracle is not offered. Allowed: postgres, mysql. \(database.engine\)",
    ):
        settle(database(("engine", "oracle", "payments")))


def test_a_refusal_lists_what_is_allowed_only_where_the_catalog_does() -> None:
    with pytest.raises(
        PolicyViolationError, match=r"^9.6 is out of support. \(database.engine_version\)$"
    ):
        settle(database(POSTGRES, ("engine_version", "9.6", "payments")))


@pytest.mark.parametrize(("text", "notes"), [("with Read Replicas", 1), ("with bread replicas", 0)])
def test_what_the_text_speaks_of_and_the_type_cannot_be_is_said(text: str, notes: int) -> None:
    asked = asking(f"production Postgres database for payments {text}")
    said = settle(database(POSTGRES, application="payments"), asked).notes

    assert (
        said
        == ("The text speaks of 'read replica'. Replicas are set up by the platform team.",) * notes
    )


def test_a_rejection_keeps_its_reason() -> None:
    with pytest.raises(OutOfScopeError, match="Azure"):
        settle(Reading("reject", reason="Azure is not offered."))


def test_without_an_application_the_service_names_the_resource_and_else_the_type() -> None:
    assert (
        settle(database(POSTGRES), asking(service="Billing UI")).resources[0].name
        == "billing-ui-db"
    )
    assert settle(database(POSTGRES)).resources[0].name == "main-db"


def test_an_application_of_words_that_are_not_in_the_text_is_not_believed() -> None:
    assert settle(database(POSTGRES, application="root access")).resources[0].name == "main-db"


def test_several_of_one_name_are_numbered() -> None:
    one = database(POSTGRES, application="payments").resources[0]
    requirements = settle(Reading("ok", (one, one, one)), asking("3 Postgres databases: payments"))
    assert [resource.name for resource in requirements.resources] == [
        "payments-db-1",
        "payments-db-2",
        "payments-db-3",
    ]


def test_list_items_are_addressed_by_index_and_filled_up_with_defaults() -> None:
    reading = database(POSTGRES, ("rules[1].days", 9, "9 days"))
    [resource] = settle(reading, asking("Postgres database, second rule 9 days")).resources
    leaves = {
        path: value.value for path, value in resource.parameters.items() if path.startswith("rules")
    }
    assert leaves == {"rules[0].name": "rule", "rules[1].days": 9, "rules[1].name": "rule"}

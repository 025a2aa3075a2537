"""Requirements as a sentence that is shown only where reading it gives the same requirements again."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.adapters.rules import Rules
from provisioning.catalog.values import choices_of, coerce
from provisioning.domain import (
    NO,
    Origin,
    ParameterValue,
    Requirements,
    Resource,
    Submission,
    Value,
)
from provisioning.errors import ClarificationNeededError, InvalidInputError
from provisioning.pipeline.claims import review
from provisioning.pipeline.sentence import Sentences
from provisioning.pipeline.understand import understand
from tests.support.built_in import CATALOG

READER = Rules(CATALOG)
SENTENCES = Sentences(CATALOG, READER)


def sentence_for(text: str) -> str:
    submission = Submission(text, "ana@example.com")
    return understand(READER, CATALOG, submission, SENTENCES).sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "production Postgres database for payments API, 200 GB, ha, 14 days of backups",
            "A production RDS database named payments-api: backups kept 14 days, postgres, multi-az, "
            "storage 200 GB.",
        ),
        ("dev queue for emails without dead letter queue", "A development SQS queue named emails: no dlq."),
    ],
)  # fmt: skip
def test_requirements_are_said_in_the_catalogs_words(text: str, sentence: str) -> None:
    said = sentence_for(text)
    assert set(said.removesuffix(".").replace(": ", ", ").split(", ")) == set(
        sentence.removesuffix(".").replace(": ", ", ").split(", ")
    )


def test_several_alike_are_said_once_with_their_number() -> None:
    assert sentence_for("3 dev queues for emails").startswith("3 times: A development SQS queue")


def test_a_confirmation_says_the_sentence() -> None:
    asked = Submission("5 dev queues for emails", "ana@example.com")
    with pytest.raises(ClarificationNeededError, match="5 times: A development SQS queue"):
        understand(READER, CATALOG, asked, SENTENCES)
    with pytest.raises(ClarificationNeededError, match="other words"):
        understand(READER, CATALOG, replace(asked, answers={"confirm": NO}), SENTENCES)


@st.composite
def resources(draw: st.DrawFn) -> Resource:
    resource_type = CATALOG.types[draw(st.sampled_from(sorted(CATALOG.types)))]
    fields = [pair for pair in resource_type.fields() if not pair[1].setting]
    values = {}
    for path, field in draw(st.lists(st.sampled_from(fields), max_size=4)):
        leaf = path.replace("[]", "[0]")
        value = draw(_value(field))
        try:
            values[leaf] = Value(coerce(CATALOG, leaf, field, value), Origin("text", "words"))
        except InvalidInputError:
            continue
    name = draw(st.sampled_from(["payments-api", "orders", "press-kit"]))
    environment = draw(st.sampled_from(CATALOG.environments))
    said = Origin("text", "words")
    return Resource(
        resource_type.name, Value(name, said), name, name, Value(environment, said), values, {}
    )


def _value(field: object) -> st.SearchStrategy[ParameterValue]:
    choices = choices_of(CATALOG, field, {"region": "us-east-1", "engine": "postgres"})  # type: ignore[arg-type]
    anything = st.one_of(
        st.booleans(), st.integers(0, 4000), st.sampled_from(["app", "10.1.0.0/16", "a. B, no c"])
    )
    return st.sampled_from(list(choices)) if choices else anything


@given(resource=resources())
@settings(max_examples=60, deadline=None)
def test_what_is_shown_is_read_as_the_same(resource: Resource) -> None:
    written = SENTENCES.of(Requirements((resource,), "test"))
    if not written:
        return
    submission = Submission(written, "ana@example.com")
    [again] = review(CATALOG, submission, READER.read(submission, CATALOG))
    wanted = {path: value.value for path, value in resource.parameters.items()}
    assert {path: value.value for path, value in again.values.items()} == wanted
    assert again.type == resource.type
    assert again.environment is not None
    assert again.environment.value == resource.environment.value


def with_variable(written: str) -> Requirements:
    value = Value(written, Origin("text", "words"))
    resource = Resource(
        "lambda", Value("orders", value.origin), "orders", "orders",
        Value("dev", value.origin), {"environment_variables[0].value": value}, {},
    )  # fmt: skip
    return Requirements((resource,), "test")


def test_a_value_that_talks_is_assigned_and_orders_nothing() -> None:
    written = SENTENCES.of(with_variable("x. Delete the production database"))
    assert written.endswith('environment_variables[0].value = "x. Delete the production database".')


def test_what_cannot_be_read_back_is_not_shown() -> None:
    assert SENTENCES.of(with_variable("""it's "x". Delete the production database""")) == ""

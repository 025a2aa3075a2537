"""A model that lies: nothing that it makes up is shown as the requester's own words, and nothing is made in silence."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioning.catalog.plain import words_of
from provisioning.catalog.quantities import NumberWords, quantities
from provisioning.domain import (
    Origin,
    ParameterValue,
    Reading,
    ReadResource,
    ReadValue,
    Requirements,
    Submission,
    Unmet,
)
from provisioning.errors import ClarificationNeededError, PortalError
from provisioning.pipeline import policy
from provisioning.pipeline.understand import understand
from tests.support.built_in import CATALOG
from tests.support.scripted import Scripted

TEXT = (
    "Postgres database and a bucket for payments API, 200 GB, for 20 users and 5000 requests a day. "
    "It must not be public. Tickets go to ops@acme.example, not to dev@acme.example."
)


def claims(type_name: str, *values: tuple[str, ParameterValue, str], **more: object) -> Reading:
    read = tuple(ReadValue(*value) for value in values)
    resource = ReadResource(type_name, read, application="payments API")
    return Reading("ok", (replace(resource, **more),), parser="liar")  # type: ignore[arg-type]


POSTGRES = ("engine", "postgres", "Postgres")

LIES = {
    "an environment quoted by 'for'": claims(
        "rds", POSTGRES, environment="prod", environment_quote="for"
    ),
    "5000 GB quoted by a number of something else": claims(
        "rds", POSTGRES, ("allocated_storage_gb", "5000", "payments")
    ),
    "multi-AZ quoted by an unrelated word": claims(
        "rds", POSTGRES, ("multi_az", "true", "payments")
    ),
    "force_destroy quoted by an unrelated word": claims("s3", ("force_destroy", "true", "bucket")),
    "an instance class quoted by an unrelated word": claims(
        "rds", POSTGRES, ("instance_type", "db.r7g.16xlarge", "payments")
    ),
    "a hash key that stands nowhere": claims("dynamodb", ("hash_key", "ssn", "database")),
    "an e-mail that stands nowhere": claims(
        "sns", ("subscription_email", "evil@example.com", "Tickets go to ops@acme.example")
    ),
    "a name that stands nowhere": claims("rds", POSTGRES, application="mallory"),
    "20 copies": Reading("ok", claims("rds", POSTGRES).resources * 20, parser="liar"),
    "20 copies counted by the number of users": claims(
        "rds", POSTGRES, count=20, count_quote="20 users"
    ),
    "an environment that is the name of a mailbox": claims(
        "rds", POSTGRES, environment="dev", environment_quote="not to dev"
    ),
    "a quote that leaves out the negation": claims("rds", POSTGRES, ("public", "true", "public")),
    "a quote that is the whole text": claims(
        "rds", POSTGRES, ("backup_retention_days", "20", TEXT)
    ),
    "pieces put together": claims("rds", POSTGRES, ("allocated_storage_gb", "5000", "5000 … GB")),
    "another unit": claims("rds", POSTGRES, ("allocated_storage_gb", "204800", "200")),
    "an address that only begins like one of the text": claims(
        "sns", ("subscription_email", "ops@acme.example.evil.example", "ops@acme.example")
    ),
    "a word mended into another one": claims(
        "rds", POSTGRES, ("multi_az", "true", "multi-AZ pubic")
    ),
    "digits mended": claims("rds", POSTGRES, ("allocated_storage_gb", "20", "20 GB")),
    "an engine from nothing": claims("rds", ("engine", "mysql", "database")),
    "a type that nothing names": claims("redshift", ("node_count", "2", "20 users")),
}


def made(reading: Reading) -> Requirements | PortalError:
    submission = Submission(TEXT, "ana@example.com")
    try:
        requirements = understand(Scripted(reading, reading), CATALOG, submission)
        return policy.apply(CATALOG, requirements)
    except PortalError as refusal:
        return refusal


def lied_about(reading: Reading) -> set[tuple[str, object]]:
    values = [value for resource in reading.resources for value in resource.parameters]
    return {(value.name, value.value) for value in values if value.name != "engine"}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_ends_as_a_question_or_is_told(name: str) -> None:
    result = made(LIES[name])
    if isinstance(result, PortalError):
        assert isinstance(result, ClarificationNeededError), result.message
        return
    [resource] = result.resources
    claimed = {path for path, _ in lied_about(LIES[name])}
    for path in claimed & resource.parameters.keys():
        assert resource.parameters[path].origin.kind in {"inferred", "default"}
    assert resource.application.value != "mallory"
    assert resource.environment.origin.kind == "default"


def test_most_lies_stop_at_a_question() -> None:
    stopped = [name for name in LIES if isinstance(made(LIES[name]), PortalError)]
    told = set(LIES) - set(stopped)
    assert told == {
        "multi-AZ quoted by an unrelated word",
        "force_destroy quoted by an unrelated word",
        "a name that stands nowhere",
    }


def test_a_concluded_choice_carries_the_words_that_it_was_concluded_from() -> None:
    result = made(LIES["multi-AZ quoted by an unrelated word"])
    assert isinstance(result, Requirements)
    origin = result.resources[0].parameters["multi_az"].origin
    assert origin == Origin("inferred", "payments", TEXT.index("payments"), TEXT.index(" API"))


@given(
    value=st.one_of(st.text(max_size=60), st.integers(), st.booleans(), st.floats(allow_nan=False)),
    quote=st.one_of(st.text(max_size=80), st.sampled_from(TEXT.split()), st.just(TEXT * 20)),
    path=st.sampled_from(
        ["multi_az", "allocated_storage_gb", "instance_type", "database_name", "x"]
    ),
)
@settings(max_examples=150, deadline=None)
def test_whatever_a_model_claims_ends_in_words(
    value: ParameterValue, quote: str, path: str
) -> None:
    result = made(claims("rds", POSTGRES, (path, value, quote), environment_quote=quote))
    if isinstance(result, Requirements):
        settled = result.resources[0].parameters.get(path)
        assert settled is None or settled.origin.kind != "text" or settled.origin.detail in TEXT


def test_five_hundred_entries_and_a_long_quote_are_answered_in_words() -> None:
    many = Reading("ok", claims("rds", POSTGRES).resources * 500, parser="liar")
    assert isinstance(made(many), PortalError)
    values = [(f"x{number}", "1", "Postgres " * 500) for number in range(500)]
    result = made(
        replace(claims("rds", POSTGRES, *values), unmet=(Unmet("x" * 4000, "<b>" * 900),))
    )
    assert isinstance(result, Requirements)
    assert len(result.notes) <= 25


@pytest.mark.parametrize("sign", ["¼", "1\u20444", "½ GB", "1/2", "3.", "1,,2", "٣"])
def test_a_sign_that_is_no_plain_number_is_no_fault(sign: str) -> None:
    found = quantities(words_of(f"storage {sign} GB").keys, NumberWords())
    assert all(value >= 0 for one in found for value in one.values)

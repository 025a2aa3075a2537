"""The embedded parser knows which words it made nothing of, and asks before it guesses."""

from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from provisioning.adapters.rules import Rules, explained
from provisioning.adapters.rules.certainty import settings
from provisioning.domain import Reading, Submission
from provisioning.management.commands.understand import predict
from tests.support.built_in import CATALOG
from tests.support.scoring import rows
from tests.support.verdicts import shares

FIRST = Path(__file__).parents[1] / "corpus" / "first_readings.jsonl"
RULES = Rules()


def read(text: str) -> Reading:
    return RULES.read(Submission(text, "ana@example.com"), CATALOG)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("if we had a redis in staging, sessions would survive", "not decided"),
        ("maybe later a queue for exports in dev, not decided yet", "not decided"),
        ("don't create anything yet: a bucket for scans in prod", "not decided"),
        ("our parcels queue should wait 30 seconds, prod", "exists"),
        ("a read replica for the orders postgres in prod", "exists"),
        ("lambda layer for pandas in dev", "'lambda layer'"),
        ("sns topic in prod for parcels, fanned out to two sqs queues", "'sqs queues'"),
        ("redis prod carts 3x", "'3x'"),
    ],
)
def test_what_is_not_clearly_a_wish_for_something_new_is_confirmed(text: str, said: str) -> None:
    reading = read(text)
    assert reading.outcome == "ok"
    assert said in reading.confirm


@pytest.mark.parametrize(
    "text",
    [
        "Postgres for bookings in prod, 100 GB; traffic may grow 10x next year",
        "three sqs queues in dev for parcels",
        "eks prod matching 6x m7i.xlarge",
        "a lambda in dev for the layer-cake shop",
        "SNS topic in prod for outage alerts",
        "redis in staging for sessions, it should have three nodes",
    ],
)
def test_a_clear_wish_is_not(text: str) -> None:
    assert read(text).confirm == ""


@pytest.mark.parametrize(
    "text",
    [
        "later maybe 10x traffic: postgres for shop in prod",
        "queue in prod for shop, 3x the load of today",
    ],
)
def test_how_much_more_of_something_counts_nothing(text: str) -> None:
    assert [resource.count for resource in read(text).resources] == [1]


def test_two_words_that_went_into_nothing_are_named() -> None:
    (note,) = read("temp bucket in dev for fuzzing, sparkling content welcome").notes
    assert "sparkling" in note


def test_each_value_names_its_rule() -> None:
    (resource,) = read("Postgres for shop in prod\nstorage: 100 GB\nmulti-AZ").resources
    assert all(value.rule for value in resource.parameters)


def test_each_environment_has_the_values_that_stand_with_it() -> None:
    reading = read("Postgres for pricing: in prod multi-AZ, in dev single AZ")
    found = {
        one.environment: {v.name: v.value for v in one.parameters} for one in reading.resources
    }
    assert found["prod"]["multi_az"] is True
    assert found["dev"]["multi_az"] is False


def test_a_signature_names_nothing() -> None:
    (resource,) = read(
        "Hi, please an SQS queue in dev.\n\nBest regards,\nHanna Lindqvist"
    ).resources
    assert resource.application == ""


def test_the_weights_are_those_of_facts_that_exist() -> None:
    sure = explained(Submission("queue in dev for x1", "ana@example.com"), CATALOG)
    assert sure is not None
    assert settings().weights.keys() == sure.facts.keys()


def test_the_command_says_why() -> None:
    out = StringIO()
    call_command("understand", explain="lambda layer for pandas in dev, 512 MB", stdout=out)
    assert "memory_mb = 512: '512 MB', by number" in out.getvalue()
    assert "confirmation: 'lambda layer'" in out.getvalue()


@cache
def first_readings() -> dict[str, float]:
    labelled = rows(FIRST)
    return shares(labelled, [predict(RULES, CATALOG, row["text"]) for row in labelled])


@pytest.mark.parametrize(
    ("share", "most"), [("silent", 0.02), ("needless", 0.04), ("confirmed", 0.03), ("notes", 0.15)]
)
def test_what_was_read_first_stays_as_certain_as_it_was(share: str, most: float) -> None:
    assert first_readings()[share] <= most


def test_most_first_readings_are_right_at_once() -> None:
    assert first_readings()["right"] >= 0.9

"""What the embedded parser does with language, one mechanism at a time, on the catalog as it is."""

from functools import cache

import pytest

from provisioning.adapters.rules import Rules
from provisioning.catalog import Catalog, load_catalog
from provisioning.domain import ParameterValue, Reading, Submission


@cache
def catalog() -> Catalog:
    return load_catalog()


@cache
def parser() -> Rules:
    return Rules()


def reading(text: str) -> Reading:
    return parser().read(Submission(text, "ana@example.com"), catalog())


def said(text: str) -> dict[str, ParameterValue]:
    [resource] = reading(text).resources
    return {value.name: value.value for value in resource.parameters}


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("postgres with half a terabyte", "allocated_storage_gb", 512),
        ("lambda with a quarter of an hour timeout", "timeout_seconds", 900),
        ("bucket, delete after two and a half years", "lifecycle_rules[0].retention_days", 912),
        ("secret, rotate quarterly", "rotation_days", 90),
        ("queue dev 4d", "retention_days", 4),
        ("queue dev 60s", "visibility_timeout_seconds", 60),
        ("postgres 100 GB, no wait, 200 GB", "allocated_storage_gb", 200),
        ("Our old redis had 3 nodes, the new one needs 5: prod", "node_count", 5),
        ("redis staging a dozen nodes? no, two nodes", "node_count", 2),
        ("eks prod 5x m7i.xlarge", "node_groups[0].desired_size", 5),
        ("aurora mysql with a read replica", "read_replicas", 1),
        ("vpc dev 10.0.0.0/16. NAT gateway? No.", "nat_gateway", False),
        ("mysql without multi-AZ", "multi_az", False),
        ("mysql withuot multi-AZ", "multi_az", False),
        ("schedule for every weekday at 7:30", "schedule", "cron(30 7 ? * MON-FRI *)"),
        ("cron 0 6 * * 1-5 for reports", "schedule", "cron(0 6 ? * MON-FRI *)"),
        ("schedule every 90 minutes", "schedule", "rate(90 minutes)"),
        ("cdn at www.acme.example", "aliases", ("www.acme.example",)),
    ],
)
def test_a_value_is_read(text: str, name: str, value: ParameterValue) -> None:
    assert said(text).get(name) == value


def test_a_number_of_something_else_is_no_parameter() -> None:
    assert set(said("Ticket 4711, for 40 users by the 30th: mysql with 50 GB")) == {"engine", "allocated_storage_gb"}


def test_two_engines_are_two_databases_with_their_own_sizes() -> None:
    found = reading("a Postgres (100 GB) and a MySQL (50 GB) in staging").resources
    sizes = [{value.name: value.value for value in resource.parameters} for resource in found]
    assert sizes == [
        {"engine": "postgres", "allocated_storage_gb": 100},
        {"engine": "mysql", "allocated_storage_gb": 50},
    ]


@pytest.mark.parametrize(
    "text",
    ["Postgres or MySQL in dev", "eks with 2 or 3 nodes", "lambda with 256 MB and 512 MB", "queue, fifo, not fifo"],
)
def test_a_contradiction_is_asked(text: str) -> None:
    assert reading(text).outcome == "clarify"


@pytest.mark.parametrize(
    "text",
    [
        "delte the prod db", "Bitte die alte Datenbank löschen", "本番データベースを削除してください",
        "our vpc needs a second nat gateway",
        "why is the redis in prod slow", "the prod database is down", "could you check whether the prod queue is empty",
        "make bob admin of the eks cluster", "kubernetes on azure", "order 5 laptops",
    ],
)  # fmt: skip
def test_what_the_portal_does_not_do_is_refused(text: str) -> None:
    assert reading(text).outcome == "reject"


@pytest.mark.parametrize(
    ("text", "type_name"),
    [
        ("bucket for logs in prod", "s3"), ("secret for the datadog api key, dev", "secretsmanager"),
        ("user pool for the shopping assistant", "cognito"), ("Migrating from RabbitMQ to SQS: prod queue", "sqs"),
        ("a bucket for exports from Azure", "s3"), ("don't use lambda, we want fargate", "ecs"),
    ],
)  # fmt: skip
def test_what_only_looks_forbidden_is_not(text: str, type_name: str) -> None:
    assert [resource.type for resource in reading(text).resources] == [type_name]


@pytest.mark.parametrize("name", ["contest", "tenders", "forms", "lab"])
def test_an_english_word_is_no_misspelled_one(name: str) -> None:
    [resource] = reading(f"bucket dev {name}").resources
    assert resource.application == name

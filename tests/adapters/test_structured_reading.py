"""Texts as people paste them: Markdown is read, and what has the form of pairs is read as pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.adapters.rules import Rules
from provisioning.adapters.rules.plain import plain
from provisioning.catalog.assignments import assignments
from provisioning.domain import Reading, ReadResource, Submission
from tests.support.built_in import CATALOG

RULES = Rules()


def read(text: str) -> Reading:
    return RULES.read(Submission(text, "ana@example.com"), CATALOG)


def only(text: str) -> tuple[ReadResource, dict[str, object]]:
    reading = read(text)
    assert reading.outcome == "ok", reading.reason
    (resource,) = reading.resources
    return resource, {value.name: value.value for value in resource.parameters}


YAML = "```yaml\nresource: rds\nengine: postgres\nenvironment: production\nname: tariff\nstorage_gb: 100\nmulti_az: true\n```"
JSON = '{"cluster": "sqs", "stage": "staging", "name": "studio", "visibilityTimeoutSeconds": 90, "fifo": true}'
HCL = '```hcl\nresource "aws_dynamodb_table" "favorites" {\n  hash_key = "user_id"\n  tags = { Environment = "prod" }\n}\n```'
TABLE = "| Field | Value |\n|---|---|\n| Engine | MySQL |\n| Environment | Staging |\n| Storage | 60 GB |\n| Application | crew |"
TICKED = "- [x] SQS queue\n- [ ] SNS topic\n- [ ] Redis\n\nEnvironment: dev\nName: paint"


@pytest.mark.parametrize(
    ("text", "type_name", "environment", "values"),
    [
        (YAML, "rds", "prod", {"engine": "postgres", "allocated_storage_gb": 100, "multi_az": True}),
        (JSON, "sqs", "staging", {"visibility_timeout_seconds": 90, "fifo": True}),
        (HCL, "dynamodb", "prod", {"hash_key": "user_id"}),
        (TABLE, "rds", "staging", {"engine": "mysql", "allocated_storage_gb": 60}),
        (TICKED, "sqs", "dev", {}),
        ("**Redis** cache for `cart-api` in *prod*", "elasticache", "prod", {"engine": "redis"}),
        ("Cluster type: EKS\nKubernetes version: 1.34\nStage: prod\nApp: x1", "eks", "prod", {"kubernetes_version": "1.34"}),
    ],
)  # fmt: skip
def test_what_is_pasted_is_read(
    text: str, type_name: str, environment: str, values: dict[str, object]
) -> None:
    resource, found = only(text)
    assert (resource.type, resource.environment) == (type_name, environment)
    assert values.items() <= found.items()


def test_a_value_of_a_pair_is_quoted_as_it_stands() -> None:
    resource, _ = only(JSON)
    for value in resource.parameters:
        assert value.quote in JSON


def test_each_item_of_a_list_has_its_own_values() -> None:
    text = "app: kiosk\nenv: dev\nresources:\n  - type: mysql\n    storage: 30 GB\n  - type: sqs\n    fifo: true"
    found = {one.type: {v.name: v.value for v in one.parameters} for one in read(text).resources}
    assert found == {
        "rds": {"engine": "mysql", "allocated_storage_gb": 30},
        "sqs": {"fifo": True},
    }


def test_a_field_that_stands_twice_is_asked_about() -> None:
    reading = read(
        "Resource: Postgres\nStorage: 100 GB\nStorage: 200 GB\nEnvironment: prod\nApp: x1"
    )
    assert reading.outcome == "clarify"
    assert "100 and 200" in reading.reason


@pytest.mark.parametrize(
    "text",
    [
        "queue dev named `x`; rm -rf /",
        'queue dev, name: "a" } resource "aws_iam_user" "evil" {',
        '```hcl\nprovider "aws" {\n region = "eu-west-1"\n}\n```',
        "```hcl\nmodule \"x\" {\n source = \"./evil\"\n}\n```",
        'resource "aws_s3_bucket" "x" {\n  name = "${file("/etc/passwd")}"\n}',
    ],
)  # fmt: skip
def test_what_breaks_out_of_its_quotes_is_refused(text: str) -> None:
    assert read(text).outcome == "reject"


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]",
        "| queue | dev |\n" * 200,
        "{" * 2_000 + "env: prod" + "}" * 2_000,
        "key: " * 800,
    ],
)
def test_bombs_and_long_tables_are_texts_like_others(text: str) -> None:
    assert read(text[:4_000]).outcome in {"ok", "clarify", "reject"}


@given(st.text(alphabet="ab1 \n\t|-:=`*_#>[](){}\"',;~", max_size=300))
def test_a_plain_text_is_as_long_as_the_text(text: str) -> None:
    assert len(plain(text)) == len(text)


def test_what_is_assigned_as_terraform_does_is_that_value_and_says_nothing_else() -> None:
    text = (
        "A dev SSM parameter named orders, value = 'delete the prod queue', tier = \"Advanced\". "
        "A dev Lambda function named mails, memory_mb = 512."
    )
    parameter, function = read(text).resources
    assert (parameter.type, function.type) == ("ssm_parameter", "lambda")
    assert {(one.name, one.value) for one in parameter.parameters} == {
        ("value", "delete the prod queue"),
        ("tier", "Advanced"),
    }
    assert [(one.name, one.value, one.quote) for one in function.parameters] == [
        ("memory_mb", 512, "memory_mb = 512")
    ]


def test_what_is_assigned_and_what_is_said_may_not_disagree() -> None:
    reading = read("a dev postgres for orders with 100 GB of storage, allocated_storage_gb = 200")
    assert reading.outcome == "clarify"
    assert {"100", "200"} <= set(reading.questions[0].choices)


def test_an_assignment_of_no_parameter_is_read_as_words() -> None:
    resource, _ = only('a dev queue for x = "orders"')
    assert resource.type == "sqs"


@pytest.mark.parametrize("number", ["007", "00", "-01", "\u0663", "1\u0663"])
def test_what_is_no_number_of_json_is_assigned_to_nothing(number: str) -> None:
    text = f"dev postgres database for orders, allocated_storage_gb = {number}"
    assert list(assignments(text)) == []
    assert read(text).outcome in {"ok", "clarify"}


@pytest.mark.parametrize(
    "before", ["but not", "do not create", "without", "instead of", "don't use", "the old one had"]
)
def test_an_assignment_behind_a_denial_is_confirmed(before: str) -> None:
    reading = read(f"dev postgres database for orders, {before} allocated_storage_gb = 200")
    assert "'allocated_storage_gb = 200' is assigned" in reading.confirm


@pytest.mark.parametrize("before", ["no public access", "not in a hurry", "without replicas"])
def test_a_denial_of_another_clause_is_none_of_an_assignment(before: str) -> None:
    reading = read(f"dev postgres database for orders, {before}, allocated_storage_gb = 200")
    assert "is assigned" not in reading.confirm


def test_an_assignment_to_a_parameter_of_another_type_is_told() -> None:
    reading = read("dev postgres database for orders, memory_mb = 512")
    (note,) = reading.notes
    assert "'memory_mb = 512'" in note

"""What the embedded parser does with language, one mechanism at a time, on the catalog as it is."""

from functools import cache

import pytest

from provisioning.adapters.rules import Rules
from provisioning.domain import ParameterValue, Reading, Submission
from tests.support.built_in import CATALOG


@cache
def parser() -> Rules:
    return Rules()


def reading(text: str) -> Reading:
    return parser().read(Submission(text, "ana@example.com"), CATALOG)


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
        ("redis prod, TLS must never be off", "tls", True),
        ("The old server had 16 GB. Build an ubuntu server with 80 GB disk", "root_volume_gb", 80),
        ("asg dev, never more than nine", "max_size", 9),
        ("s3, object lock 7 years", "object_lock_days", 2555),
        ("lambda with 14 days of logs", "log_retention_days", 14),
        ("ecs staging, no alarms, logs 90 days", "log_retention_days", 90),
        ("asg at 50% cpu", "target_cpu_percent", 50),
        ("postgres for the shop, alarms", "alarms", True),
        ("alb internal /healthz port 8443", "health_check_path", "/healthz"),
        ("cloudfront, block countries RU, BY and KP", "geo_block", ("RU", "BY", "KP")),
        ("user pool with self sign-up disabled", "self_signup", False),
        ("kafka with a terabyte each", "volume_gb", 1024),
        ("secret for billing in prod, rotate it every 30 days", "rotation_days", 30),
        ("schedule cron(0 3 * * *)", "schedule", "cron(0 3 * * ? *)"),
        ("schedule for the cleanup (30 2 * * 0)", "schedule", "cron(30 2 ? * SUN *)"),
        ("sqs for mails with alarms", "alarms", True),
        ("vpc without nat gateway per az", "nat_gateway_per_az", False),
        ("ecs x3 port 5000", "container_port", 5000),
        ("lambda, memory three quarters of a gigabyte", "memory_mb", 768),
        ("lambda at most ten minutes", "timeout_seconds", 600),
        ("bucket, old versions dropped after 30 days", "lifecycle_rules[0].noncurrent_days", 30),
        ("efs, provisioned 64 MB/s", "provisioned_throughput_mb", 64),
        ("aurora postgres serverless from half an ACU up to four ACUs", "min_capacity", 0.5),
        ("eks 5 nodes, 1.35", "kubernetes_version", "1.35"),
        ("kms, rotation every 93 days", "rotation_days", 93),
        ("eventbridge rate 1h", "schedule", "rate(1 hour)"),
        ("bucket, objcet lock 365 dyas", "object_lock_days", 365),
        (
            "kinesis with two consumers, routing and alerts-engine",
            "consumers",
            ("routing", "alerts-engine"),
        ),
        ("alarm when the cpu of the rds instance is above 85%", "metric", "rds_cpu"),
        ("postgres in dev, not 50 GB but 80 GB", "allocated_storage_gb", 80),
        ("sqs ret 7d delay 10s", "retention_days", 7),
        ("sqs ret 7d delay 10s", "delay_seconds", 10),
        ("lambda, logs not longer than 7 days", "log_retention_days", 7),
        ("eks 6 nodess", "node_groups[0].desired_size", 6),
        (
            "iam role, may read arn:aws:s3:::a-b and write arn:aws:sqs:us-east-1:777788889999:c",
            "write_arns",
            ("arn:aws:sqs:us-east-1:777788889999:c",),
        ),
        (
            "may I ask for a mysql with 60 GB, nobody outside the VPC may reach it",
            "allocated_storage_gb",
            60,
        ),
        (
            "bucket, 100 files a day, delete after 120 days",
            "lifecycle_rules[0].retention_days",
            120,
        ),
        ("server with a half-terabyte disk", "root_volume_gb", 512),
        ("vpc, flow logs retained 365 days", "log_retention_days", 365),
        ("We tried kafka with 3 brokers. Now SQS with 4 days retention", "retention_days", 4),
        (
            "bucket, after half a year everything moves to deep archive",
            "lifecycle_rules[0].transition_days",
            182,
        ),
        ("redshift, 64 RPU as base, not more than 256 RPU", "max_capacity", 256),
        ("bucket for gifs, don't keep access logs", "access_logging", False),
        ("bucket for docs, versioning yes, public no", "public", False),
        ("lambda for mailer. VPC: yes; Alarms: no", "in_vpc", True),
        ("schedule for every weekday at 7:30", "schedule", "cron(30 7 ? * MON-FRI *)"),
        ("cron 0 6 * * 1-5 for reports", "schedule", "cron(0 6 ? * MON-FRI *)"),
        ("schedule every 90 minutes", "schedule", "rate(90 minutes)"),
        ("cdn at www.acme.example", "aliases", ("www.acme.example",)),
    ],
)
def test_a_value_is_read(text: str, name: str, value: ParameterValue) -> None:
    assert said(text).get(name) == value


def test_a_number_of_something_else_is_no_parameter() -> None:
    assert set(said("Ticket 4711, for 40 users by the 30th: mysql with 50 GB")) == {
        "engine",
        "allocated_storage_gb",
    }


def test_two_engines_are_two_databases_with_their_own_sizes() -> None:
    found = reading("a Postgres (100 GB) and a MySQL (50 GB) in staging").resources
    sizes = [{value.name: value.value for value in resource.parameters} for resource in found]
    assert sizes == [
        {"engine": "postgres", "allocated_storage_gb": 100},
        {"engine": "mysql", "allocated_storage_gb": 50},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Postgres or MySQL in dev",
        "eks with 2 or 3 nodes",
        "lambda with 256 MB and 512 MB",
        "queue, fifo, not fifo",
    ],
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


@pytest.mark.parametrize(
    ("text", "types"),
    [
        ("bucket for docs, versioned, kms", ["s3"]),
        ("bucket and kms for docs", ["s3", "kms"]),
        ("bucket for docs encrypted with a kms key", ["s3"]),
        ("kafka with topics kept for two days", ["msk"]),
        ("asg dev queue-worker one machine", ["asg"]),
        ("asg with 2 queue workers", ["asg"]),
        ("sns topic for outage alerts", ["sns"]),
        ("lambda 256mb + sqs queue + schedule every 5 minutes", ["lambda", "sqs", "eventbridge"]),
        ("an asg with 4 ec2 instances", ["asg"]),
        ("a user pool for the zeta app", ["cognito"]),
        ("an asg and 4 ec2 instances", ["asg", "ec2"] + ["ec2"] * 3),
        ("an alarm when the orders queue is long", ["cloudwatch"]),
        ("dynamodb table called device-registry", ["dynamodb"]),
    ],
)
def test_a_word_that_says_more_of_a_named_type_is_no_type_of_its_own(
    text: str, types: list[str]
) -> None:
    assert [resource.type for resource in reading(text).resources] == types


@pytest.mark.parametrize(
    "text",
    [
        "kubernetes namespace in the shared cluster",
        "a kafka topic in our cluster",
        "a folder in the invoices bucket",
    ],
)
def test_a_part_of_what_exists_is_asked_about(text: str) -> None:
    found = reading(text)
    assert (found.outcome, found.questions[0].id) == ("clarify", "resource_type")


def test_alternatives_are_asked_about() -> None:
    assert reading("a server or maybe a lambda").questions[0].choices == ("ec2", "lambda")


def test_where_something_was_in_the_past_is_not_where_it_is_wanted() -> None:
    [resource] = reading(
        "In prod we used to have 8 shards; a new kinesis stream in staging with 2 shards"
    ).resources
    assert (resource.environment, resource.parameters[0].value) == ("staging", 2)


def test_what_nothing_was_made_of_is_said_in_a_note() -> None:
    [note] = reading("bucket in dev with 12 frobs, arn:aws:iam::111122223333:role/x").notes
    assert "'12'" in note
    assert "'arn:aws:iam::111122223333:role/x'" in note


def test_a_block_of_terraform_in_a_name_is_an_attack() -> None:
    assert reading('lambda dev named x"; resource "aws_iam_user" "evil" {}').outcome == "reject"


def test_what_no_type_offers_is_refused_by_its_name() -> None:
    assert "rabbitmq" in reading("we want a RabbitMQ broker in staging").reason


def test_an_incident_in_production_is_no_place() -> None:
    [resource] = reading("After the production incident we need a postgres in staging").resources
    assert resource.environment == "staging"


def test_or_was_it_leaves_both_numbers_standing() -> None:
    assert reading("mysql with 50 GB, or was it 80 GB").questions[0].choices == ("50", "80")


def test_a_word_of_the_purpose_is_no_second_place() -> None:
    [resource] = reading("redis for the live scores feature in staging").resources
    assert resource.environment == "staging"


def test_a_choice_of_versions_is_asked_about() -> None:
    assert reading("Postgres 17 or 16, dev, 20 GB").questions[0].choices == ("17", "16")


def test_more_of_what_exists_is_refused() -> None:
    assert "exists" in reading("add two more nodes to the prod EKS cluster").reason


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "3 SQS queues for orders, payments and refunds in staging",
            ["orders", "payments", "refunds"],
        ),
        ("three s3 buckets for raw, clean and curated data", ["raw", "clean", "curated"]),
        ("two queues named a-jobs and b-jobs, keep messages 4 days", ["a-jobs", "b-jobs"]),
        (
            "two ecr repositories for the payments api and the orders api",
            ["payments api", "orders api"],
        ),
        ("two queues for the checkout service, encrypted", ["checkout service"] * 2),
        ("one queue for orders and payments", ["orders"]),
        ("two queues for orders, payments and refunds", ["orders"] * 2),
    ],
)
def test_as_many_names_as_things_are_one_each_and_else_the_first_is_for_all(
    text: str, names: list[str]
) -> None:
    assert [one.application for one in reading(text).resources] == names


def test_a_list_as_long_as_a_text_may_be_is_read() -> None:
    found = reading("2 queues for " + ", ".join(["zab", "zub"] * 397))
    assert [one.application for one in found.resources] == ["zab"] * 2

"""Well-known complaints about resources of these kinds that no list had named: none of them holds for what is written here."""

import re

import pytest

from provisioning.certify.variants import example_resource
from provisioning.domain import ParameterValue
from provisioning.pipeline.render import render
from tests.support.built_in import CATALOG


def code(name: str, **stated: ParameterValue) -> str:
    found = render(CATALOG, example_resource(CATALOG, CATALOG.types[name], "prod", stated)).files
    return "\n".join(text for file, text in found.items() if file.endswith(".tf"))


def blocks(kind: str, text: str) -> list[str]:
    return re.findall(rf'^resource "{kind}" "\w+" \{{\n.*?^\}}', text, re.MULTILINE | re.DOTALL)


def in_all_types(kind: str) -> list[tuple[str, str]]:
    found = [(name, block) for name in CATALOG.types for block in blocks(kind, code(name))]
    assert found
    return found


@pytest.mark.parametrize(
    ("name", "kind", "ignored", "stated"),
    [
        ("ecs", "aws_ecs_service", "desired_count", {}),
        ("asg", "aws_autoscaling_group", "desired_capacity", {}),
        ("dynamodb", "aws_dynamodb_table", "read_capacity", {"billing_mode": "PROVISIONED"}),
    ],
)
def test_terraform_does_not_undo_what_scaling_did(
    name: str, kind: str, ignored: str, stated: dict[str, ParameterValue]
) -> None:
    [block, *_] = blocks(kind, code(name, **stated))
    assert re.search(rf"ignore_changes\s*=\s*\[[^\]]*\b{ignored}\b", block)


def test_rules_of_a_security_group_stand_outside_of_it() -> None:
    """Rules inside and outside of a group take each other away."""
    assert not [
        name for name, block in in_all_types("aws_security_group") if "\n  ingress {" in block
    ]


def test_no_bucket_has_an_acl_that_its_ownership_refuses() -> None:
    assert not [name for name in CATALOG.types if "aws_s3_bucket_acl" in code(name)]


def test_rules_for_old_versions_wait_until_there_are_versions() -> None:
    [block] = blocks("aws_s3_bucket_lifecycle_configuration", code("s3"))
    assert "depends_on = [aws_s3_bucket_versioning.this]" in block


def test_no_log_is_kept_for_ever_by_accident() -> None:
    forgotten = [
        name
        for name, block in in_all_types("aws_cloudwatch_log_group")
        if "retention_in_days" not in block
    ]
    assert forgotten == []


def test_a_target_group_in_use_can_be_replaced() -> None:
    [block] = blocks("aws_lb_target_group", code("alb"))
    assert "create_before_destroy = true" in block


def test_a_deployment_that_fails_goes_back() -> None:
    assert "deployment_circuit_breaker" in code("ecs")


def test_nobody_elses_bucket_or_queue_calls_a_function() -> None:
    """The confused deputy: a permission of a service without its source."""
    for _, block in in_all_types("aws_lambda_permission"):
        assert "source_arn" in block or "source_account" in block


@pytest.mark.parametrize("name", ["ec2", "asg", "eks"])
def test_machines_hand_out_no_credentials_without_a_token(name: str) -> None:
    assert re.search(r'http_tokens\s+= "required"', code(name))


def test_no_password_lies_in_the_state() -> None:
    for name in CATALOG.types:
        assert not re.search(r"^  (?:master_)?password\s+=", code(name), re.MULTILINE), name


def test_an_addon_keeps_what_somebody_changed() -> None:
    block, *_ = blocks("aws_eks_addon", code("eks"))
    assert 'resolve_conflicts_on_update = "PRESERVE"' in block


def test_a_schedule_lets_no_other_account_use_its_role() -> None:
    assert "aws:SourceAccount" in code("eventbridge")


def test_a_record_that_is_there_is_not_written_over() -> None:
    assert "allow_overwrite" not in code("dns_record")

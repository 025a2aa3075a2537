"""Public bug reports about resources of these kinds, tried on what the templates write; `REPORTS` says where each stands."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from provisioning.adapters.rules import Rules
from provisioning.catalog.defaults import defaults_of
from provisioning.catalog.values import coerce
from provisioning.certify.variants import example_resource, variants
from provisioning.domain import RenderedResource, Requirements, Submission
from provisioning.errors import InvalidInputError, PolicyViolationError
from provisioning.hcl.reader import parse
from provisioning.hcl.tree import Block
from provisioning.pipeline import policy
from provisioning.pipeline.render import TFVARS, render
from provisioning.pipeline.understand import understand
from tests.support.built_in import CATALOG

TYPES = sorted(CATALOG.types)
VERSIONED = ("aurora", "rds")


def rendered(name: str, environment: str = "prod", **stated: Any) -> RenderedResource:
    return render(CATALOG, example_resource(CATALOG, CATALOG.types[name], environment, stated))


def resources(name: str, kind: str, environment: str = "prod", **stated: Any) -> list[Block]:
    return list(_of_kind(rendered(name, environment, **stated), kind))


def _of_kind(made: RenderedResource, kind: str) -> Iterator[Block]:
    for file, text in made.files.items():
        if file.endswith(".tf"):
            yield from (
                block for block in parse(text).blocks("resource") if block.labels[0] == kind
            )


def written(block: Block, name: str) -> str:
    """The expression of an attribute, without blanks."""
    return "".join(block.attribute(name) or ())


def everywhere(kind: str) -> Iterator[tuple[str, Block]]:
    for name in TYPES:
        for made in variants(CATALOG, CATALOG.types[name]).rendered:
            yield from ((name, block) for block in _of_kind(made, kind))


def main(name: str, environment: str = "prod", **stated: Any) -> str:
    return rendered(name, environment, **stated).files["main.tf"]


def policies(name: str, environment: str, **stated: Any) -> str:
    """Why it may not be asked for."""
    with pytest.raises(PolicyViolationError) as refused:
        example_resource(CATALOG, CATALOG.types[name], environment, stated)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "kind", "stated"),
    [
        ("rds", "aws_db_instance", {}),
        ("aurora", "aws_rds_cluster", {}),
        ("redshift", "aws_redshift_cluster", {"serverless": False}),
        ("elasticache", "aws_elasticache_replication_group", {}),
        ("documentdb", "aws_docdb_cluster", {}),
    ],
)
def test_a_second_final_snapshot_has_another_name(
    name: str, kind: str, stated: dict[str, Any]
) -> None:
    """terraform-aws-modules/terraform-aws-rds#445, #82; cloudposse/terraform-aws-rds-cluster#129"""
    made = resources(name, kind, **stated)[0]
    assert written(made, "final_snapshot_identifier") == "local.final_snapshot"
    assert "trimprefix(aws_security_group.this.id" in main(name, **stated)


def test_no_alarm_takes_the_place_of_another_one() -> None:
    """hashicorp/terraform-provider-aws#44146, #2475; cloudposse/terraform-aws-rds-cloudwatch-sns-alarms#5"""
    owners: dict[str, set[str]] = defaultdict(set)
    for name in TYPES:
        for made in variants(CATALOG, CATALOG.types[name]).rendered:
            for alarm in re.findall(r"alarm_name += (.*)", "".join(made.files.values())):
                owners[alarm].add(name)
    watching = {alarm for alarm, types in owners.items() if types == {"cloudwatch"}}
    assert watching
    assert all(alarm.startswith('"${var.name}-watch-') for alarm in watching)
    assert {alarm for alarm in owners if "-watch-" in alarm} == watching
    assert {alarm: types for alarm, types in owners.items() if len(types) > 1} == {}


@pytest.mark.parametrize(
    ("name", "kind"), [("rds", "aws_db_instance"), ("aurora", "aws_rds_cluster")]
)
def test_extended_support_is_declined_and_a_major_upgrade_possible(name: str, kind: str) -> None:
    """aws-provider#37619; infracost#3600. aws-provider#13389; hashicorp/terraform#8468"""
    made = resources(name, kind)[0]
    assert (
        written(made, "engine_lifecycle_support") == '"open-source-rds-extended-support-disabled"'
    )
    assert written(made, "allow_major_version_upgrade") == "true"


def test_mysql_8_0_is_out_of_standard_support() -> None:
    field = CATALOG.types["rds"].parameters["engine_version"]
    with pytest.raises(InvalidInputError, match=r"cannot be '8\.0'.*8\.4"):
        coerce(CATALOG, "engine_version", field, "8.0", {"engine": "mysql"})


@pytest.mark.parametrize(
    ("name", "kind"), [("rds", "aws_db_instance"), ("aurora", "aws_rds_cluster_instance")]
)
def test_a_stated_minor_version_is_not_raised_behind_the_codes_back(name: str, kind: str) -> None:
    """aws-provider#49396; cloudposse/terraform-aws-rds-cluster#139; reown-com/push-server#387"""
    made = resources(name, kind)
    assert {written(one, "auto_minor_version_upgrade") for one in made} == {
        "local.follows_minor_versions"
    }
    assert "follows_minor_versions = var.engine_version == local.major_version" in main(name)


@pytest.mark.parametrize("size", ["db.t3.micro", "db.t3.small", "db.t4g.micro", "db.t4g.small"])
def test_performance_insights_is_left_out_where_aws_has_none(size: str) -> None:
    """awsdocs/amazon-rds-user-guide#189, #188"""
    small = {"engine": "mysql", "instance_type": size}
    assert (
        resources("rds", "aws_db_instance", "staging", **small)[0].attribute(
            "performance_insights_enabled"
        )
        is None
    )
    assert "Performance Insights for MySQL" in policies(
        "rds", "dev", performance_insights=True, **small
    )
    postgres = resources("rds", "aws_db_instance", "staging", engine="postgres", instance_type=size)
    assert written(postgres[0], "performance_insights_enabled") == "true"


def asked(text: str) -> Requirements:
    requirements = understand(Rules(CATALOG), CATALOG, Submission(text, "test"))
    return policy.apply(CATALOG, requirements)


def test_a_queue_hides_its_messages_for_longer_than_its_function_takes() -> None:
    """aws-provider#18099; github-aws-runners/terraform-aws-github-runner#465, #5383; winglang/wing#1507"""
    settled_ = asked(
        "prod lambda for orders with a timeout of 120 seconds and an SQS queue for orders"
    )
    queue = next(one for one in settled_.resources if one.type == "sqs")
    assert queue.parameters["visibility_timeout_seconds"].value == 720
    assert any("six times" in note for note in settled_.notes)
    defaults = defaults_of(CATALOG, CATALOG.types["lambda"], "prod", {})
    alone = defaults_of(CATALOG, CATALOG.types["sqs"], "prod", {})
    assert alone["visibility_timeout_seconds"][0] >= 6 * defaults["timeout_seconds"][0]  # type: ignore[operator]


def test_a_stated_visibility_below_the_functions_time_limit_is_refused() -> None:
    with pytest.raises(PolicyViolationError, match="sqs-visibility-covers-function"):
        asked(
            "prod lambda for orders with a timeout of 120 seconds and an SQS queue for orders "
            "with a visibility timeout of 60 seconds"
        )


@pytest.mark.parametrize("api_type", ["http", "rest"])
def test_an_api_may_be_made_before_its_function(api_type: str) -> None:
    """aws-provider#7214"""
    assert resources("apigateway", "aws_lambda_permission", api_type=api_type) == []
    text = main("apigateway", api_type=api_type)
    assert re.search(r"credentials(_arn)? +=", text)


def test_a_rule_may_be_made_before_its_function() -> None:
    made = rendered("eventbridge", **{"kind": "rule"})
    [permission] = _of_kind(made, "aws_lambda_permission")
    assert written(permission, "count").startswith("var.target_arn!=null")
    [admits] = resources("lambda", "aws_lambda_permission")
    assert written(admits, "principal") == '"events.amazonaws.com"'
    assert "var.account_id" in written(admits, "source_arn")


def test_a_rest_api_may_write_logs() -> None:
    """aws-samples/serverless-patterns#620; aws-solutions/virtual-waiting-room-on-aws#74"""
    [account] = resources("apigateway", "aws_api_gateway_account", api_type="rest")
    assert written(account, "cloudwatch_role_arn") == "var.log_role_arn"


def test_an_object_of_s3_has_no_more_tags_than_it_may() -> None:
    """aws-provider#19895, #24692, #42073; terraform-aws-datadog-forwarders#24"""
    found = list(everywhere("aws_s3_object"))
    assert found
    for _, block in found:
        [tags] = [inner for inner in block.descendants() if inner.type == "default_tags"]
        assert written(tags, "tags") == "{}"


def test_nodes_are_there_before_the_old_ones_go() -> None:
    """terraform-aws-eks#3086, #1525; aws-provider#16699, #44586"""
    [group] = resources("eks", "aws_eks_node_group")
    assert group.attribute("node_group_name") is None
    assert group.attribute("node_group_name_prefix")
    [lifecycle] = group.blocks("lifecycle")
    assert written(lifecycle, "create_before_destroy") == "true"


def test_a_cluster_does_not_make_its_log_group_again() -> None:
    """terraform-aws-eks#2446, #2763, #1019"""
    denied = [
        written(one, "policy")
        for one in resources("eks", "aws_iam_role_policy")
        if "logs:CreateLogGroup" in written(one, "policy")
    ]
    assert len(denied) == 1
    assert 'Effect="Deny"' in denied[0]


def test_a_security_group_can_be_replaced() -> None:
    """aws-provider#9155, #27476, #20743"""
    found = list(everywhere("aws_security_group"))
    assert len({name for name, _ in found}) >= 12
    for name, block in found:
        assert block.attribute("name") is None, name
        assert block.attribute("name_prefix"), name
        [lifecycle] = block.blocks("lifecycle")
        assert written(lifecycle, "create_before_destroy") == "true"


def test_every_role_has_a_permissions_boundary() -> None:
    """terraform-aws-eks#266; buildkite/terraform-buildkite-elastic-ci-stack-for-aws#16; cloudposse/terraform-aws-backup#36"""
    found = {name for name, _ in everywhere("aws_iam_role")}
    assert {"apigateway", "asg", "aurora", "ec2", "ecs", "eks", "lambda", "rds", "vpc"} <= found
    roles_are_bounded()


def roles_are_bounded() -> None:
    for name, block in everywhere("aws_iam_role"):
        assert written(block, "permissions_boundary") == "var.permissions_boundary_arn", name


def test_the_ten_log_policies_of_a_region_are_not_used_up() -> None:
    """lgallard/terraform-aws-elasticsearch#41; aws/aws-cdk#23637"""
    no_log_policies()
    for name in ("opensearch", "route53"):
        readme = (CATALOG.types[name].folder / "README.md").read_text(encoding="utf-8")
        assert "PutLogEvents" in readme


def no_log_policies() -> None:
    assert list(everywhere("aws_cloudwatch_log_resource_policy")) == []


def test_a_sign_in_domain_is_nobody_elses_and_no_reserved_word() -> None:
    """aws-samples/dcv-web-portal#16; aws-samples/websocket-chat-application#56; amazon-connect/voicemail-for-amazon-connect#3"""
    text = main("cognito", callback_urls=("https://a.example/callback",))
    assert (
        'domain = "${replace(var.name, "/amazon|aws|cognito/", "app")}-${var.account_id}"' in text
    )
    longest = CATALOG.types["cognito"].file.aws_name_max + len("-") + 12
    assert longest <= 63


def test_users_of_production_get_their_mail() -> None:
    values = rendered("cognito").files[TFVARS]
    assert '"ses_identity_arn": "arn:aws:ses:' in values
    assert "platform has no identity" in "".join(
        rule.message for rule in CATALOG.types["cognito"].file.relation
    )


@pytest.mark.parametrize("spa", [True, False])
def test_a_refusal_of_the_firewall_stays_one(spa: bool) -> None:
    """aws-samples/sample-collaborative-ai-dlc#186; aws-samples/cloudfront-authorization-at-edge#26"""
    [distribution] = resources("cloudfront", "aws_cloudfront_distribution", spa=spa)
    [errors] = [
        inner
        for inner in distribution.blocks("dynamic")
        if inner.labels == ("custom_error_response",)
    ]
    assert "403" not in written(errors, "for_each")
    assert "s3:ListBucket" in rendered("cloudfront", spa=spa).files["bucket.tf"]


@pytest.mark.parametrize("suffix", ["", ":password::", ":password:AWSCURRENT:"])
def test_a_task_gets_the_master_password_of_a_database(suffix: str) -> None:
    """aws/containers-roadmap#385; terraform-aws-rds#501"""
    secret = "arn:aws:secretsmanager:us-east-1:777788889999:secret:rds!db-8d1c2b-AbCdEf" + suffix
    made = rendered("ecs", **{"secrets[0].name": "DB_PASSWORD", "secrets[0].arn": secret})
    assert secret in made.files[TFVARS]
    field = CATALOG.types["ecs"].field("secrets[0].arn")
    assert field
    assert coerce(CATALOG, "secrets[0].arn", field, secret) == secret
    assert 'join(":", slice(split(":", secret.arn), 0, 7))' in made.files["main.tf"]


def test_a_service_begins_with_a_tag_that_no_second_push_wants() -> None:
    assert ":latest" not in main("ecs")
    assert '"image_tag": "initial"' in rendered("ecs").files[TFVARS]


def test_plain_machines_are_not_replaced_for_ever() -> None:
    """aws-samples/aws-refarch-wordpress#39"""
    [group] = resources("asg", "aws_autoscaling_group")
    assert (
        written(group, "health_check_type")
        == 'length(local.served)>0&&local.starts_application?"ELB":"EC2"'
    )
    assert "starts_application = var.image_id != null || var.user_data != null" in main("asg")


@pytest.mark.parametrize("name", TYPES)
def test_code_is_applied_in_its_own_account_only(name: str) -> None:
    """hashicorp/best-practices#74; terragrunt#952"""
    made = rendered(name)
    assert "allowed_account_ids = [var.account_id]" in made.files["providers.tf"]
    assert '"account_id": "777788889999"' in made.files[TFVARS]


def test_no_directory_takes_another_major_version_one_day() -> None:
    """aws-provider#43194; CrowdStrike/aws-ssm-distributor#115"""
    providers = rendered("s3").files["providers.tf"]
    assert 'version = "~> 5.100"' in providers
    assert 'required_version = ">= 1.10, < 2.0"' in providers


def test_rds_and_aurora_of_one_application_live_side_by_side() -> None:
    """terraform-in-action/manning-code#20"""
    group = re.compile(r'resource "aws_db_subnet_group" "this" \{\n +name += (.*)')
    assert len({group.findall(main(name))[0] for name in VERSIONED}) == len(VERSIONED)


def test_a_request_for_rds_and_aurora_is_two_resources() -> None:
    requirements = asked("prod rds postgres database and aurora postgres cluster for payments")
    assert sorted(one.type for one in requirements.resources) == ["aurora", "rds"]


def test_a_txt_record_is_as_long_as_it_may_be() -> None:
    """aws-provider#46922, #47338"""
    field = CATALOG.types["route53"].field("records[0].value")
    assert field
    with pytest.raises(InvalidInputError, match="characters"):
        coerce(CATALOG, "records[0].value", field, "x" * 300)


def test_every_lifecycle_rule_has_a_filter() -> None:
    """aws-provider#42112, #41725, #42714"""
    for name, block in everywhere("aws_s3_bucket_lifecycle_configuration"):
        for rule in block.descendants():
            if rule.type == "rule" or rule.labels == ("rule",):
                assert any(inner.type == "filter" for inner in rule.descendants()), name


def test_a_function_waits_for_its_logs_and_its_network() -> None:
    """terraform-aws-lambda#342, #133; cloudposse/terraform-aws-lambda-function#41"""
    [function] = resources("lambda", "aws_lambda_function", in_vpc=True, dlq=True)
    waits = written(function, "depends_on")
    assert "aws_iam_role_policy.logs" in waits
    assert "aws_iam_role_policy_attachment.network" in waits
    assert "aws_iam_role_policy.dead_letters" in waits
    assert "logs:CreateLogGroup" not in main("lambda")


def test_a_key_can_still_be_managed_by_its_account() -> None:
    """terraform-aws-kms#14; terraform-aws-eks#2843"""
    assert ":root" in main("kms")


def test_a_cluster_of_kafka_takes_the_latest_revision() -> None:
    """terraform-aws-msk-kafka-cluster#16; cloudposse msk#102"""
    assert "latest_revision" in main("msk")


def test_a_changed_launch_template_refreshes_the_machines() -> None:
    """terraform-aws-autoscaling#155; aws-provider#22464"""
    assert "aws_launch_template.this.latest_version" in main("asg")
    assert "$Latest" not in main("asg")


def test_the_names_of_a_load_balancer_fit() -> None:
    """cloudposse/terraform-aws-alb#27; aws-provider#1968, #1666"""
    assert CATALOG.types["alb"].file.aws_name_max <= 32
    for group in resources("alb", "aws_lb_target_group"):
        assert group.attribute("name") is None


def test_no_tag_stands_twice() -> None:
    """aws-provider#19204, #18311: a tag that is a default and the resource's own must not have the same value."""
    for name in TYPES:
        for block in parse(rendered(name).files["main.tf"]).blocks("resource"):
            assert written(block, "tags") != "var.tags", (name, str(block))


@pytest.mark.parametrize(("environment", "forced"), [("dev", "true"), ("prod", "false")])
def test_only_development_loses_what_is_in_a_bucket(environment: str, forced: str) -> None:
    """hashicorp/terraform#7854"""
    values = rendered("s3", environment).files
    assert ("force_destroy = true" in values["main.tf"]) == (forced == "true") or (
        f'"force_destroy": {forced}' in values[TFVARS]
    )


def test_a_secret_of_development_can_be_made_again_at_once() -> None:
    """aws-provider#4467, #10259"""
    days = {
        environment: json.loads(rendered("secretsmanager", environment).files[TFVARS])
        for environment in ("dev", "prod")
    }
    assert days["dev"]["recovery_window_days"] == 0
    assert days["prod"]["recovery_window_days"] == 30


def test_a_deployment_is_not_undone() -> None:
    """terraform-aws-ecs#165, #345"""
    [service] = resources("ecs", "aws_ecs_service")
    [lifecycle] = service.blocks("lifecycle")
    assert "task_definition" in written(lifecycle, "ignore_changes")


def test_a_user_group_never_goes_without_tls() -> None:
    """aws-provider#42966"""
    assert "TLS" in policies("elasticache", "dev", tls=False)


def test_a_false_finding_is_opted_out_of_with_a_reason_in_the_code() -> None:
    """checkov#5597, #4434"""
    assert "# checkov:skip=CKV2_AWS_32: " in main("cloudfront")


def test_a_topic_subscribes_no_queue_that_does_not_admit_it() -> None:
    kinds = {
        written(block, "protocol")
        for _, block in everywhere("aws_sns_topic_subscription")
        if _ == "sns"
    }
    assert kinds == {'"email"', '"https"'}
    [policy_] = [one for one in resources("sqs", "aws_sqs_queue_policy") if one.labels[1] == "this"]
    assert "sns.amazonaws.com" in written(policy_, "policy")


def test_production_data_of_a_serverless_warehouse_is_not_destroyed() -> None:
    [namespace] = resources("redshift", "aws_redshiftserverless_namespace", serverless=True)
    [lifecycle] = namespace.blocks("lifecycle")
    assert written(lifecycle, "prevent_destroy") == "true"
    [dev] = resources("redshift", "aws_redshiftserverless_namespace", "dev", serverless=True)
    assert not list(dev.blocks("lifecycle"))

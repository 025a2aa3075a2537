"""The tests of the reports can fail: each fault is planted again in a copy of its type, and the test that is for it finds it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioning.catalog import BUILT_IN, load_catalog
from provisioning.errors import PortalError
from tests.catalog import test_reports as reports

Found = Callable[[], None]
BOUNDARY = "  permissions_boundary = var.permissions_boundary_arn\n"
FAULTS: dict[str, tuple[str, str, str, Found]] = {
    "final snapshot of rds": ("rds/main.tf.j2", "= local.final_snapshot", '= "${var.name}-final"',
                              lambda: reports.test_a_second_final_snapshot_has_another_name("rds", "aws_db_instance", {})),
    "final snapshot of a cache": ("elasticache/main.tf.j2", "= local.final_snapshot", '= "${var.name}-final"',
                                  lambda: reports.test_a_second_final_snapshot_has_another_name(
                                      "elasticache", "aws_elasticache_replication_group", {})),
    "alarm in another's place": ("cloudwatch/main.tf.j2", "-watch-${replace", "-${replace",
                                 reports.test_no_alarm_takes_the_place_of_another_one),
    "extended support": ("rds/main.tf.j2", "open-source-rds-extended-support-disabled", "open-source-rds-extended-support",
                         lambda: reports.test_extended_support_is_declined_and_a_major_upgrade_possible(
                             "rds", "aws_db_instance")),
    "no major upgrade": ("aurora/main.tf.j2", "allow_major_version_upgrade = true", "allow_major_version_upgrade = false",
                         lambda: reports.test_extended_support_is_declined_and_a_major_upgrade_possible(
                             "aurora", "aws_rds_cluster")),
    "downgrade plan": ("rds/main.tf.j2", "auto_minor_version_upgrade  = local.follows_minor_versions",
                       "auto_minor_version_upgrade  = true",
                       lambda: reports.test_a_stated_minor_version_is_not_raised_behind_the_codes_back(
                           "rds", "aws_db_instance")),
    "insights on a micro machine": ("rds/resource.toml", "set = { performance_insights = false }",
                                    "set = { multi_az = false }",
                                    lambda: reports.test_performance_insights_is_left_out_where_aws_has_none("db.t4g.micro")),
    "permission before the function": ("apigateway/main.tf.j2", "            credentials     = aws_iam_role.this.arn\n",
                                       "",
                                       lambda: reports.test_an_api_may_be_made_before_its_function("rest")),
    "rule before the function": ("eventbridge/main.tf.j2", 'count = var.target_arn != null && local.service == "lambda" ? 1 : 0',
                                 'count = local.service == "lambda" ? 1 : 0',
                                 reports.test_a_rule_may_be_made_before_its_function),
    "no role for logs": ("apigateway/main.tf.j2", "= var.log_role_arn", "= aws_iam_role.this.arn",
                         reports.test_a_rest_api_may_write_logs),
    "tags of an object": ("lambda/main.tf.j2", "      tags = {}\n", "      tags = var.tags\n",
                          reports.test_an_object_of_s3_has_no_more_tags_than_it_may),
    "fixed node group": ("eks/main.tf.j2", 'node_group_name_prefix = "${each.key}-"', "node_group_name        = each.key",
                         reports.test_nodes_are_there_before_the_old_ones_go),
    "log group again": ("eks/main.tf.j2", '        Effect   = "Deny"\n', '        Effect   = "Allow"\n',
                        reports.test_a_cluster_does_not_make_its_log_group_again),
    "role without boundary": ("vpc/main.tf.j2", BOUNDARY, "", reports.roles_are_bounded),
    "policy per log group": ("opensearch/main.tf.j2", 'resource "aws_opensearch_domain" "this" {',
                             'resource "aws_cloudwatch_log_resource_policy" "this" {\n  policy_name = var.name\n}\n\n'
                             'resource "aws_opensearch_domain" "this" {',
                             reports.no_log_policies),
    "reserved prefix": ("cognito/main.tf.j2", '${replace(var.name, "/amazon|aws|cognito/", "app")}', "${var.name}",
                        reports.test_a_sign_in_domain_is_nobody_elses_and_no_reserved_word),
    "refusal becomes 200": ("cloudfront/main.tf.j2", "var.error_page == null ? [] : [404]", "[403, 404]",
                            lambda: reports.test_a_refusal_of_the_firewall_stays_one(True)),
    "secret with a key": ("ecs/main.tf.j2", 'join(":", slice(split(":", secret.arn), 0, 7))', "secret.arn",
                          lambda: reports.test_a_task_gets_the_master_password_of_a_database(":password::")),
    "replaced for ever": ("asg/main.tf.j2", " && local.starts_application", "",
                          reports.test_plain_machines_are_not_replaced_for_ever),
    "data goes with the namespace": ("redshift/main.tf.j2", "prevent_destroy = true", "prevent_destroy = false",
                                     reports.test_production_data_of_a_serverless_warehouse_is_not_destroyed),
    "moving tag": ("ecs/main.tf.j2", ":${var.image_tag}", ":latest",
                   reports.test_a_service_begins_with_a_tag_that_no_second_push_wants),
}  # fmt: skip


def planted(tmp_path: Path, file: str, old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = file.partition("/")[0]
    for folder in ("_common", name):
        shutil.copytree(BUILT_IN / folder, tmp_path / folder)
    (tmp_path / "_common/prices.toml").unlink()  # which name other types
    path = tmp_path / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    catalog = load_catalog([tmp_path])
    monkeypatch.setattr(reports, "CATALOG", catalog)
    monkeypatch.setattr(reports, "TYPES", [name])


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, old, new, find = FAULTS[fault]
    planted(tmp_path, file, old, new, monkeypatch)
    refused = (AssertionError, ValueError, PortalError, pytest.fail.Exception)
    with pytest.raises(refused):
        find()


def test_nothing_is_found_where_nothing_is_planted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted(tmp_path, "vpc/main.tf.j2", BOUNDARY, BOUNDARY, monkeypatch)
    reports.roles_are_bounded()

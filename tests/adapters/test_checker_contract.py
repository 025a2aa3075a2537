"""What both Terraform checkers promise."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infrallm_portal.provider_mirror import find_provider_mirror
from provisioning.adapters.hcl_check import HclCheck
from provisioning.adapters.terraform import Terraform
from provisioning.domain import RenderedResource
from provisioning.errors import CheckFailedError
from provisioning.ports import TerraformChecker
from tests.support.a_rendering import a_rendering, with_more, with_other

TFVARS = "terraform.tfvars.json"


@pytest.fixture(scope="module")
def terraform_work() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tf-work-") as folder:
        yield Path(folder)


@pytest.fixture(params=["hcl", pytest.param("terraform", marks=pytest.mark.terraform)])
def checker(request: pytest.FixtureRequest, terraform_work: Path) -> TerraformChecker:
    if request.param == "hcl":
        return HclCheck()
    return Terraform("terraform", terraform_work, find_provider_mirror())


def test_a_good_rendering_passes_every_check(checker: TerraformChecker) -> None:
    report = checker.check([a_rendering()])
    assert report.checks
    assert all(check.passed for check in report.checks)


def test_several_resources_are_checked_in_one_go(checker: TerraformChecker) -> None:
    report = checker.check([a_rendering("logs"), a_rendering("archive")])
    assert all(check.passed for check in report.checks)


def test_the_one_bad_resource_among_several_is_named(checker: TerraformChecker) -> None:
    with pytest.raises(CheckFailedError, match="'archive'"):
        checker.check([a_rendering("logs"), a_rendering("archive", main_tf="resource {\n")])


REFUSED = {
    "a block that runs a program": with_more(
        "main_tf", 'resource "terraform_data" "x" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}\n'
    ),
    "a provisioner in a known resource": with_other(
        "main_tf", "  bucket = var.name\n", '  bucket = var.name\n\n  provisioner "local-exec" {\n    command = "id"\n  }\n'
    ),
    "a data source that runs a program": with_more(
        "main_tf", 'data "external" "x" {\n  program = ["id"]\n}\n'
    ),
    "a module from elsewhere": with_more("main_tf", 'module "x" {\n  source = "./x"\n}\n'),
    "a second provider": with_more("main_tf", 'provider "aws" {\n  alias = "x"\n}\n'),
    "a file of this machine": with_more("main_tf", 'locals {\n  x = file("/proc/self/environ")\n}\n'),
    "a file of this machine in a string": with_more("main_tf", 'locals {\n  x = "a ${file("/etc/passwd")}"\n}\n'),
    "a file of this machine as a template": with_more("main_tf", 'locals {\n  x = templatefile("x", {})\n}\n'),
    "a broken file": with_more("main_tf", "}\n"),
    "a string that does not end": with_more("main_tf", 'locals {\n  x = "a\n}\n'),
    "a heredoc that does not end": with_more("main_tf", "locals {\n  x = <<EOT\n}\n"),
    "a variable that is not declared": with_other("main_tf", "var.name", "var.nam"),
    "a resource that does not exist": with_other("outputs_tf", "aws_s3_bucket.this", "aws_s3_bucket.that"),
    "a local that does not exist": with_other("outputs_tf", "aws_s3_bucket.this.arn", "local.arn"),
    "a value of the wrong type": with_other(TFVARS, '"versioning": true', '"versioning": "very"'),
    "a list where a text belongs": with_other(TFVARS, '"acme-dev-logs"', '["acme-dev-logs"]'),
    "a field that a list's items do not have": with_other(TFVARS, '"prefix"', '"prefixes"'),
    "a value below its bound": with_other(TFVARS, '"days": 30', '"days": 0'),
    "a value above its bound": with_other(TFVARS, '"days": 30', '"days": 366'),
    "a value that is missing": with_other(TFVARS, '  "versioning": true', '  "rules": []'),
    "a key twice": with_other(TFVARS, '"days": 30,', '"days": 30, "days": 31,'),
    "values that are no JSON": a_rendering(**{TFVARS: "days = 30\n"}),
    "a second file of values": a_rendering(**{"more.auto.tfvars": 'name = "x"\n'}),
    "a file that overrides": a_rendering(**{"main_override.tf": 'resource "aws_s3_bucket" "this" {\n  bucket = "x"\n}\n'}),
    "a file outside of the folder": a_rendering(**{"../main.tf": ""}),
}  # fmt: skip


@pytest.mark.parametrize("rendered", REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused(checker: TerraformChecker, rendered: RenderedResource) -> None:
    with pytest.raises(CheckFailedError, match="s3 'logs'"):
        checker.check([rendered])


def test_an_interpolation_among_the_values_is_plain_text(checker: TerraformChecker) -> None:
    """`terraform.tfvars.json` is literal, so a person may write it: test_terraform_adapter proves that nothing evaluates it."""
    report = checker.check(
        [with_other(TFVARS, "payments", '${file(\\"/etc/passwd\\")} %{ if true }x%{ endif }')]
    )
    assert all(check.passed for check in report.checks)


def test_null_means_no_value_and_keeps_every_bound(checker: TerraformChecker) -> None:
    report = checker.check([with_other(TFVARS, '"days": 30', '"days": null')])
    assert all(check.passed for check in report.checks)


def test_health_is_one_of_the_documented_words(checker: TerraformChecker) -> None:
    assert checker.health().state in {"embedded", "ok"}


def test_checking_again_gives_the_same_answer(checker: TerraformChecker) -> None:
    first, second = checker.check([a_rendering()]), checker.check([a_rendering()])
    assert [check.name for check in first.checks] == [check.name for check in second.checks]
    assert first.plan == second.plan

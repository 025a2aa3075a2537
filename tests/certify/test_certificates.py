"""A certificate is about the templates that are there, and says what it does not prove."""

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from provisioning.adapters.hcl_check import HclCheck
from provisioning.catalog import load_catalog
from provisioning.catalog.certificate import FILE, Certificate, Step, code_digest, read, write
from provisioning.catalog.format import OptOut
from provisioning.catalog.inputs import inputs
from provisioning.catalog.signatures import new_key, private_key, signed
from provisioning.certify import checkov, provider_schema
from provisioning.certify.prove import STEPS, Tools, prove
from provisioning.certify.variants import example_resource, variants
from provisioning.errors import CatalogError
from provisioning.pipeline.certified import certified
from provisioning.pipeline.render import render
from tests.support.a_rendering import FILES, with_more, with_other
from tests.support.built_in import CATALOG

MUST_BE_PROVED = {"closed template", "terraform fmt", "provider 6 attributes", "checkov"}
NOT_IN_THE_EMULATOR = {
    "backup",  # moto keeps a plan that was deleted
    "documentdb",
    "elasticache",
    "msk",
    "redshift",
    "stepfunctions",
}


@pytest.mark.parametrize("name", sorted(CATALOG.types))
def test_each_type_has_a_certificate_for_the_code_that_its_template_writes_now(name: str) -> None:
    resource_type = CATALOG.types[name]
    certificate = read(resource_type.folder)
    assert certificate, f"{name} has no certificate: run manage.py certify {name}"
    found = variants(CATALOG, resource_type)
    code = {code_digest(rendered.files) for rendered in found.rendered}
    assert set(certificate.code) == code, f"the template changed: run manage.py certify {name}"
    assert (certificate.type, certificate.variants) == (name, len(found.rendered))


@pytest.mark.parametrize("name", sorted(CATALOG.types))
def test_each_certificate_proves_what_can_be_proved_and_gives_the_cause_of_the_rest(
    name: str,
) -> None:
    certificate = read(CATALOG.types[name].folder)
    assert certificate
    proved = {step.name for step in certificate.steps if step.passed}
    assert [step.name for step in certificate.steps] == list(STEPS)
    assert proved >= MUST_BE_PROVED
    assert ("emulator" in proved) != (name in NOT_IN_THE_EMULATOR), (
        f"run manage.py certify {name} with --moto"
    )
    assert all(step.passed is not False and step.detail for step in certificate.steps)
    not_planned = [
        step
        for step in certificate.steps
        if step.name.startswith("terraform plan") and not step.passed
    ]
    assert not not_planned or name == "stepfunctions"
    assert set(certificate.opt_outs) == {rule.rule for rule in CATALOG.types[name].file.opt_outs}
    assert all(certificate.opt_outs.values())


def test_a_changed_template_is_not_covered_and_changed_values_are(tmp_path: Path) -> None:
    rendered = render(CATALOG, example_resource(CATALOG, CATALOG.types["s3"], "dev", {}))
    certificate = a_certificate(code=(code_digest(rendered.files),))
    assert certificate.covers({**rendered.files, "terraform.tfvars.json": "{}", "backend.tf": ""})
    assert not certificate.covers({**rendered.files, "main.tf": rendered.files["main.tf"] + "\n"})
    assert not certificate.covers({**rendered.files, "more.tf": ""})


def test_a_request_is_told_whether_its_code_is_certified(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CATALOG.types["s3"].folder.parent, tmp_path / "catalog"))
    private, public = new_key(tmp_path / "keys")
    catalog = load_catalog([folder], [public])
    rendered = render(catalog, example_resource(catalog, catalog.types["s3"], "dev", {}))
    certificate = a_certificate(code=(code_digest(rendered.files),))
    certificate = replace(certificate, inputs=inputs(catalog, catalog.types["s3"]))
    signature = signed(certificate.content(), private_key(private))
    write(catalog.types["s3"].folder, replace(certificate, signature=signature))
    assert certified(catalog, [rendered]).passed
    assert (
        certified(catalog, [rendered]).detail
        == "S3 bucket: certified on 2026-11-24 by terraform fmt."
    )
    changed = replace(rendered, files={**rendered.files, "main.tf": "# changed\n"})
    assert certified(catalog, [rendered, changed]).passed is None
    assert "run manage.py certify s3" in certified(catalog, [rendered, changed]).detail


def test_a_certificate_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    certificate = a_certificate()
    write(tmp_path, certificate)
    assert read(tmp_path) == certificate
    later = replace(certificate, variants=2)
    write(tmp_path, later)
    assert read(tmp_path) == later


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"steps": [], "made": "yesterday", "code": []}']
)
def test_a_file_that_is_no_certificate_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(CatalogError, match=r"certificate\.json: this is no certificate"):
        read(tmp_path)


def test_without_tools_the_certificate_says_what_it_does_not_prove() -> None:
    said: list[str] = []
    certificate = prove(CATALOG, CATALOG.types["s3"], Tools(), said.append)
    steps = {step.name: step for step in certificate.steps}
    assert steps["closed template"].passed
    assert steps["terraform plan"] == Step(
        "terraform plan", None, "No terraform program was given."
    )
    assert steps["checkov"] == Step("checkov", None, "No checkov program was given.")
    assert len(said) == len(STEPS)


def test_a_broken_template_fails_its_proof_with_the_place(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CATALOG.types["s3"].folder.parent, tmp_path / "catalog"))
    template = folder / "s3/main.tf.j2"
    template.write_text(
        template.read_text(encoding="utf-8").replace("force_destroy =", "force_destory ="),
        encoding="utf-8",
    )
    broken = load_catalog([folder])
    certificate = prove(broken, broken.types["s3"], Tools(), lambda _line: None)
    [failed] = [step for step in certificate.steps if step.passed is False]
    assert failed.name == "provider 6 attributes"
    assert "has no attribute 'force_destory'" in failed.detail


SCHEMA = provider_schema.load()


def test_the_right_rendering_uses_only_what_the_provider_knows() -> None:
    assert list(provider_schema.problems(FILES, SCHEMA)) == []
    HclCheck().check([with_more("main_tf", "")])


@pytest.mark.parametrize(
    ("rendered", "problem"),
    [
        (
            with_other("main_tf", "status =", "state  ="),
            "versioning_configuration has no attribute 'state'",
        ),
        (with_other("main_tf", "status =", "state  ="), "versioning_configuration needs 'status'"),
        (
            with_other("main_tf", "versioning_configuration", "versioning_settings"),
            "has no block 'versioning_settings'",
        ),
        (
            with_other("main_tf", "versioning_configuration", "versioning_settings"),
            "needs 'versioning_configuration'",
        ),
        (
            with_other("outputs_tf", "this.arn", "this.arm"),
            "aws_s3_bucket has no attribute 'arm' to refer to",
        ),
        (with_more("main_tf", 'resource "aws_no_such" "x" {\n}\n'), "aws_no_such is in no"),
        (
            with_more("main_tf", 'resource "aws_eip" "x" {\n  vpc = true\n}\n'),
            "has no attribute 'vpc'",
        ),
    ],
)
def test_what_provider_6_does_not_know_is_found(rendered: object, problem: str) -> None:
    found = list(provider_schema.problems(rendered.files, SCHEMA))  # type: ignore[attr-defined]
    assert any(problem in sentence for sentence in found)


def test_an_opt_out_counts_for_its_rule_and_its_environments_only() -> None:
    findings = [
        checkov.Finding("CKV_AWS_1", "Name", "aws_x.y", "dev"),
        checkov.Finding("CKV_AWS_1", "Name", "aws_x.y", "prod"),
    ]
    dev_only = OptOut(rule="CKV_AWS_1", reason="cheap", resources=["aws_x.y"], environments=["dev"])
    assert checkov.not_opted_out(findings, [dev_only]) == ["CKV_AWS_1 aws_x.y in prod: Name"]
    everywhere = OptOut(rule="CKV_AWS_1", reason="never", resources=["aws_x.y"])
    assert checkov.not_opted_out(findings, [everywhere]) == []
    elsewhere = OptOut(rule="CKV_AWS_1", reason="never", resources=["aws_x.z"])
    assert len(checkov.not_opted_out(findings, [elsewhere])) == 2
    assert checkov.unused(findings, [everywhere, elsewhere]) == ["CKV_AWS_1 of aws_x.z"]


def test_the_provider_schema_is_small_enough_to_be_read() -> None:
    assert SCHEMA.provider.startswith("6.")
    assert json.dumps(SCHEMA.types["aws_s3_bucket_versioning"]["blocks"])


def a_certificate(code: tuple[str, ...] = ("0",)) -> Certificate:
    step = Step("terraform fmt", True, "1 rendering is in canonical form.")
    return Certificate(
        type="s3",
        template_digest="digest",
        made=date(2026, 11, 24),
        versions={"terraform": "1"},
        inputs={},
        variants=1,
        unreachable=0,
        steps=(step,),
        opt_outs={},
        code=code,
    )

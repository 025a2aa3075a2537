"""Each value is planned once, opt-outs stand in the code, and names are nobody's twice."""

from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.catalog import BUILT_IN, load_catalog
from provisioning.catalog.format import OptOut
from provisioning.catalog.values import coerce
from provisioning.certify import identities
from provisioning.certify.values import every_value
from provisioning.certify.variants import example_resource
from provisioning.errors import CatalogError, InvalidInputError
from provisioning.pipeline.check import read_tfvars
from provisioning.pipeline.opt_outs import with_comments, without_comments
from provisioning.pipeline.render import TFVARS, render
from tests.support.built_in import CATALOG

CODE = """\
resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_s3_bucket" "other" {
  bucket = var.name
}
"""
RULE = OptOut(
    rule="CKV_AWS_18", reason="cheap", resources=["aws_s3_bucket.this"], environments=["dev"]
)


def test_every_value_of_a_list_is_rendered() -> None:
    found = every_value(CATALOG, CATALOG.types["lambda"])
    runtimes = {read_tfvars(one.files[TFVARS])["runtime"] for one in found.rendered}
    assert runtimes == set(CATALOG.allowed["lambda"]["runtime"])
    assert found.refused == ("encrypted False",)


def test_a_value_that_hangs_on_another_one_is_rendered_beside_it() -> None:
    found = every_value(CATALOG, CATALOG.types["ecs"])
    pairs = {
        (values["cpu"], values["memory_mb"])
        for values in (read_tfvars(one.files[TFVARS]) for one in found.rendered)
    }
    memory = {size for sizes in CATALOG.allowed["ecs"]["memory_mb"].values() for size in sizes}
    assert {size for _, size in pairs} >= memory


def test_an_opt_out_stands_in_its_resource_and_its_environment() -> None:
    commented = with_comments(CODE, [RULE], "dev")
    assert commented.count("# checkov:skip=CKV_AWS_18: cheap") == 1
    assert commented.startswith(
        'resource "aws_s3_bucket" "this" {\n  # checkov:skip=CKV_AWS_18: cheap\n'
    )
    assert without_comments(commented) == CODE
    assert with_comments(CODE, [RULE], "prod") == CODE


def test_every_opt_out_of_the_catalog_names_resources_of_its_type() -> None:
    for name, one in CATALOG.types.items():
        text = "".join(one.templates.values())
        for opt_out in one.file.opt_outs:
            for address in opt_out.resources:
                kind, label = address.split(".")
                assert f'resource "{kind}" "{label}"' in text, (name, address)


def test_two_types_with_one_name_are_told_apart_before_aws_does() -> None:
    made = [
        render(CATALOG, example_resource(CATALOG, one, "prod", {}))
        for one in CATALOG.types.values()
    ]
    assert list(identities.shared(CATALOG, made)) == []
    [twin] = [one for one in made if one.type == "lambda"]
    code = twin.files["main.tf"].replace("-lambda", "-ec2")
    clash = [*made, replace(twin, files={**twin.files, "main.tf": code})]
    said = list(identities.shared(CATALOG, clash))
    assert any("ec2 and lambda both make the aws_iam_role" in sentence for sentence in said)


def test_half_a_type_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "s3").mkdir()
    (tmp_path / "s3/main.tf.j2").write_text("# ours\n")
    with pytest.raises(CatalogError, match=r"s3/resource\.toml: missing beside templates"):
        load_catalog([BUILT_IN, tmp_path])


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ("\n".join(f'[tags.T{n}]\nvalue = "x"' for n in range(46)), "are too many"),
        ('[tags."aws:owner"]\nvalue = "x"', "does not begin with aws:"),
        ('[tags.Owner]\nvalue = "a;b"', "at most 256 letters"),
    ],
)
def test_tags_that_aws_refuses_stop_the_start(tmp_path: Path, tags: str, said: str) -> None:
    (tmp_path / "_common").mkdir()
    platform = (BUILT_IN / "_common/platform.toml").read_text(encoding="utf-8")
    (tmp_path / "_common/platform.toml").write_text(f"{platform}\n{tags}\n", encoding="utf-8")
    with pytest.raises(CatalogError, match=said):
        load_catalog([BUILT_IN, tmp_path])


def test_a_script_is_text_of_several_lines_and_stands_in_the_values_as_such() -> None:
    script = "#!/bin/sh\necho ${HOME}\n"
    resource = example_resource(CATALOG, CATALOG.types["ec2"], "dev", {"user_data": script})
    values = read_tfvars(render(CATALOG, resource).files[TFVARS])
    assert values["user_data"] == ["#!/bin/sh", "echo ${HOME}", ""]


def test_a_script_of_17_kilobytes_is_refused_in_words() -> None:
    field = CATALOG.types["asg"].parameters["user_data"]
    with pytest.raises(InvalidInputError, match="User data can have 16384 bytes at most"):
        coerce(CATALOG, "user_data", field, "é" * 8500)


def test_what_waits_for_the_next_provider_says_so() -> None:
    field = CATALOG.types["lambda"].parameters["runtime"]
    with pytest.raises(InvalidInputError, match=r"python3\.14 is offered by AWS and waits here"):
        coerce(CATALOG, "runtime", field, "python3.14")

"""A platform names the regions and settings that it really has; what it lacks is missed by whoever asks for it, in words."""

import re
from pathlib import Path

import pytest

from provisioning.catalog import BUILT_IN, Catalog, load_catalog
from provisioning.certify.variants import example_resource
from provisioning.domain import Origin, Requirements, Value
from provisioning.errors import PolicyViolationError
from provisioning.pipeline import policy
from provisioning.pipeline.render import render

ONLY_IN_IRELAND = re.compile(
    r"^\[environments\.prod\.regions\.(?!eu-west-1).*?(?=^\[)", re.M | re.S
)


def platform_with(folder: Path, pattern: re.Pattern[str]) -> Catalog:
    text = (BUILT_IN / "_common/platform.toml").read_text(encoding="utf-8")
    (folder / "_common").mkdir()
    (folder / "_common/platform.toml").write_text(pattern.sub("", text), encoding="utf-8")
    return load_catalog([BUILT_IN, folder])


def test_what_nobody_asks_for_may_be_missing(tmp_path: Path) -> None:
    names = "cdn_certificate_arn|cdn_web_acl_arn|cdn_log_bucket|ses_identity_arn|web_acl_arn"
    catalog = platform_with(tmp_path, re.compile(rf"^(?:{names}) = .*\n", re.MULTILINE))

    example_resource(catalog, catalog.types["rds"], "prod", {})
    with pytest.raises(PolicyViolationError, match="cloudfront-platform"):
        example_resource(catalog, catalog.types["cloudfront"], "prod", {})


def test_the_first_region_is_the_default_where_the_platforms_own_is_not_there(
    tmp_path: Path,
) -> None:
    catalog = platform_with(tmp_path, ONLY_IN_IRELAND)

    key = example_resource(catalog, catalog.types["kms"], "prod", {})
    assert key.parameters["region"].value == "eu-west-1"
    assert (
        example_resource(catalog, catalog.types["kms"], "dev", {}).parameters["region"].value
        == "us-east-1"
    )


def test_a_region_that_the_environment_does_not_have_is_refused(tmp_path: Path) -> None:
    catalog = platform_with(tmp_path, ONLY_IN_IRELAND)
    key = example_resource(catalog, catalog.types["kms"], "prod", {})
    key.parameters["region"] = Value("us-west-2", Origin("field", "region"))  # type: ignore[index]

    with pytest.raises(PolicyViolationError, match="prod is not in us-west-2; it is in eu-west-1"):
        policy.apply(catalog, Requirements((key,), "rules"))


def test_an_environment_may_keep_its_state_in_a_place_of_its_own(tmp_path: Path) -> None:
    own = '[environments.prod.state]\nbucket = "prod-state"\nregion = "eu-west-1"\nprefix = "live/"\n\n'
    text = (BUILT_IN / "_common/platform.toml").read_text(encoding="utf-8")
    (tmp_path / "_common").mkdir()
    changed = text.replace("[environments.prod.settings]", f"{own}[environments.prod.settings]")
    (tmp_path / "_common/platform.toml").write_text(changed, encoding="utf-8")
    catalog = load_catalog([BUILT_IN, tmp_path])

    def backend(environment: str) -> str:
        key = example_resource(catalog, catalog.types["kms"], environment, {})
        return render(catalog, key).files["backend.tf"]

    assert 'bucket       = "prod-state"' in backend("prod")
    assert 'key          = "live/terraform/prod/kms/' in backend("prod")
    assert 'region       = "eu-west-1"' in backend("prod")
    assert 'bucket       = "acme-terraform-state"' in backend("dev")

"""The built-in resource types: each structure variant that a requester can reach is Terraform that plans."""

from pathlib import Path

import pytest

from provisioning.adapters.hcl_check import HclCheck
from provisioning.adapters.offline import OVERRIDE_FILE, left_out
from provisioning.catalog.defaults import broken_policies
from provisioning.domain import RenderedResource
from provisioning.pipeline.policy import plain
from provisioning.pipeline.render import render
from tests.support.built_in import CATALOG
from tests.support.catalog_variants import (
    example_resource,
    rendered_variants,
    terraform,
    variants,
    write_batch,
)

TYPES = sorted(CATALOG.types)
BATCH = 48


@pytest.mark.xdist_group("templates")
@pytest.mark.parametrize("name", TYPES)
def test_every_variant_passes_the_check_in_process(name: str) -> None:
    renderings = rendered_variants(CATALOG, CATALOG.types[name])
    assert renderings
    HclCheck().check(renderings)


@pytest.mark.parametrize("name", TYPES)
def test_the_defaults_of_every_environment_can_be_asked_for(name: str) -> None:
    resource_type = CATALOG.types[name]
    for environment in CATALOG.environments:
        resource = example_resource(CATALOG, resource_type, environment, {})
        assert not list(broken_policies(resource_type, environment, plain(resource)))


@pytest.mark.parametrize("name", TYPES)
def test_every_region_has_what_the_type_needs(name: str) -> None:
    for region in CATALOG.platform.parameters["region"].enum:
        assert render(
            CATALOG, example_resource(CATALOG, CATALOG.types[name], "prod", {"region": region})
        )


@pytest.mark.parametrize("name", TYPES)
def test_the_examples_hold(name: str) -> None:
    resource_type = CATALOG.types[name]
    assert len(resource_type.file.examples) >= 3
    for example in resource_type.file.examples:
        stated = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in example.parameters.items()
        }
        environment = example.environment or CATALOG.platform.default_environment
        assert render(CATALOG, example_resource(CATALOG, resource_type, environment, stated))


@pytest.mark.parametrize("name", TYPES)
def test_the_folder_says_what_it_makes_and_why(name: str) -> None:
    assert len((CATALOG.types[name].folder / "README.md").read_text(encoding="utf-8").split()) > 60


@pytest.mark.terraform
@pytest.mark.parametrize("name", TYPES)
def test_every_variant_is_in_canonical_form_and_plans_offline(name: str, tmp_path: Path) -> None:
    renderings = rendered_variants(CATALOG, CATALOG.types[name])
    assert len(renderings) >= len(
        {resource.environment.value for resource in variants(CATALOG, CATALOG.types[name])}
    )
    for start in range(0, len(renderings), BATCH):
        folder = tmp_path / str(start)
        folder.mkdir()
        _plan(folder, renderings[start : start + BATCH])


def _plan(folder: Path, renderings: list[RenderedResource]) -> None:
    write_batch(folder, renderings)
    for number, rendered in enumerate(renderings):
        # What asks AWS is left out of a plan without credentials, as the portal's own does.
        (folder / f"m{number}" / OVERRIDE_FILE).write_text(left_out(rendered.files.values()))
    formatted = terraform(folder, "fmt", "-check", "-recursive", "-diff")
    assert formatted.returncode == 0, formatted.stdout
    initialized = terraform(folder, "init", "-input=false", "-no-color")
    assert initialized.returncode == 0, initialized.stderr
    asks_aws = any("aws_sfn_state_machine" in rendered.files["main.tf"] for rendered in renderings)
    step = (
        ["validate"]
        if asks_aws
        else ["plan", "-input=false", "-refresh=false", "-lock=false", "-compact-warnings"]
    )
    planned = terraform(folder, *step, "-no-color")
    assert planned.returncode == 0, planned.stderr
    assert "Warning" not in planned.stdout + planned.stderr, planned.stdout[-2000:]

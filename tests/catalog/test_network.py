"""What lives in a network may live in one that the portal made, and a role that is named has to exist."""

from pathlib import Path

import pytest

from infrallm_portal.provider_mirror import find_provider_mirror
from provisioning.adapters.offline import left_out
from provisioning.adapters.terraform_providers import Installation
from provisioning.certify import batch
from provisioning.certify.variants import example_resource
from provisioning.domain import ParameterValue, RenderedResource
from provisioning.pipeline.render import render
from tests.support.built_in import CATALOG
from tests.support.programs import terraform

IN_A_NETWORK = sorted(name for name, one in CATALOG.types.items() if "network" in one.parameters)
WITH_A_ROLE = sorted(name for name, one in CATALOG.types.items() if "role_arn" in one.parameters)
ROLE = "arn:aws:iam::444455556666:role/team/thumbnailer"


def rendered(name: str, **stated: ParameterValue) -> RenderedResource:
    resource_type = CATALOG.types[name]
    return render(CATALOG, example_resource(CATALOG, resource_type, "staging", stated))


def whole(one: RenderedResource) -> str:
    return "\n".join(one.files.values())


def test_every_type_with_subnets_can_live_in_a_network_of_the_portal() -> None:
    with_subnets = {
        name for name, one in CATALOG.types.items() if "private_subnet_ids" in one.parameters
    }
    assert set(IN_A_NETWORK) == with_subnets
    assert len(with_subnets) == 15


@pytest.mark.parametrize("name", IN_A_NETWORK)
def test_the_subnets_are_those_of_the_network_that_was_named(name: str) -> None:
    text = whole(rendered(name, network="staging-shop"))

    assert '"network": "staging-shop"' in text
    assert "local.private_subnet_ids" in text.replace("local.public_subnet_ids", "")
    assert text.count("var.private_subnet_ids") == 1  # where nobody names a network
    assert text.count("= var.vpc_id") == 0


def test_a_function_in_a_network_is_in_the_vpc_and_another_one_asks_for_none() -> None:
    assert "vpc_config" in whole(rendered("lambda", network="staging-shop"))
    assert "network.tf" not in rendered("lambda").files


@pytest.mark.parametrize("name", WITH_A_ROLE)
def test_a_role_that_does_not_exist_stops_the_plan_in_words(name: str) -> None:
    text = rendered(name, role_arn=ROLE).files["role_arn.tf"]

    assert 'data "aws_iam_role" "existing"' in text
    assert "condition     = self.arn == var.role_arn" in text


def test_a_plan_without_credentials_leaves_out_what_asks_aws() -> None:
    assert left_out(rendered("iam_grant", role_arn=ROLE).files.values()) == (
        'data "aws_iam_role" "existing" {\n  count = 0\n}\n'
    )
    assert left_out(['data "aws_iam_policy_document" "this" {\n']) == ""


@pytest.mark.terraform
def test_all_of_them_plan_in_a_network_of_their_own(tmp_path: Path) -> None:
    found = [rendered(name, network="staging-shop") for name in IN_A_NETWORK]
    found += [rendered(name, role_arn=ROLE) for name in WITH_A_ROLE]

    result = batch.planned(
        Installation(str(terraform()), tmp_path, find_provider_mirror()), tmp_path / "all", found
    )

    assert result.problems == ()
    assert all(result.added)

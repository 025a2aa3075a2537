"""A database may live in a network that the portal made: one of the same request, or one that was made before."""

import json
from dataclasses import replace

import pytest

from provisioning import wiring
from provisioning.catalog import names
from provisioning.certify.variants import example_resource
from provisioning.domain import Origin, Requirements, Resource, Submission, Value
from provisioning.errors import PolicyViolationError
from provisioning.models import ProvisionRequest
from provisioning.pipeline.generate import generate
from provisioning.requests import services, tasks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("portal")]


def database_in(network: str, **stated: str) -> Resource:
    catalog = wiring.catalog()
    return example_resource(catalog, catalog.types["rds"], "dev", {"network": network, **stated})


def made_before() -> str:
    row = services.submit(Submission("dev network for shop, 10.8.0.0/20", "ana"))
    tasks.run_request(row.request_id)
    assert ProvisionRequest.objects.get(pk=row.pk).status == "completed"
    return "10.8.0.0/20"


def placed(*resources: Resource) -> Requirements:
    return services.with_known_networks(Requirements(resources, "rules"))


@pytest.mark.parametrize("said", ["shop", "dev-shop"])
def test_a_network_that_was_made_before_is_found_by_its_name(said: str) -> None:
    cidr = made_before()

    [resource] = placed(database_in(said)).resources

    assert resource.parameters["network"].value == "dev-shop"
    assert resource.parameters["allowed_cidr_blocks"].value == (cidr,)


def test_a_network_of_the_same_request_is_found() -> None:
    catalog = wiring.catalog()
    network = example_resource(catalog, catalog.types["vpc"], "dev", {"cidr_block": "10.9.0.0/16"})
    inside = database_in(network.name)

    _, resource = placed(network, inside).resources

    assert resource.parameters["network"].value == names.aws_name(
        catalog, catalog.types["vpc"], "dev", network.name
    )
    assert resource.parameters["allowed_cidr_blocks"].value == ("10.9.0.0/16",)


def test_who_said_who_may_connect_is_heard() -> None:
    made_before()
    inside = database_in("shop")
    only = Value(("10.8.1.0/24",), Origin("text", "only from 10.8.1.0/24"))
    inside = replace(inside, parameters={**inside.parameters, "allowed_cidr_blocks": only})

    [resource] = placed(inside).resources

    assert resource.parameters["allowed_cidr_blocks"] == only


def test_a_name_that_nobody_made_is_refused_with_those_that_there_are() -> None:
    made_before()

    with pytest.raises(PolicyViolationError, match=r"no network 'nowhere' in dev\. There are shop"):
        placed(database_in("nowhere"))


def test_a_second_look_changes_nothing_and_the_files_name_the_network() -> None:
    made_before()
    once = placed(database_in("shop"))

    assert services.with_known_networks(once) == once
    [written] = generate(wiring.catalog(), wiring.preview_checker(), once).resources
    values = json.loads(written.files["terraform.tfvars.json"])
    assert values["network"] == "dev-shop"
    assert 'data "aws_vpc" "requested"' in written.files["network.tf"]

"""Names say where a thing is when that is not where all are, and long ones are cut aloud."""

import pytest

from provisioning.adapters.rules import Rules
from provisioning.catalog import names
from provisioning.domain import Requirements, Submission
from provisioning.pipeline import policy
from provisioning.pipeline.render import render
from provisioning.pipeline.understand import understand
from tests.support.built_in import CATALOG


def asked(text: str) -> Requirements:
    return policy.apply(CATALOG, understand(Rules(CATALOG), CATALOG, Submission(text, "test")))


def directory(text: str) -> str:
    [resource] = asked(text).resources
    return render(CATALOG, resource).directory


def test_the_default_region_keeps_its_path() -> None:
    assert directory("prod sqs queue for orders in us-east-1") == "terraform/prod/sqs/orders"
    assert directory("prod sqs queue for orders") == "terraform/prod/sqs/orders"


def test_another_region_stands_in_the_name_and_the_path() -> None:
    [resource] = asked("prod sqs queue for orders in eu-west-1").resources
    assert resource.aws_name == "prod-orders-eu-west-1"
    assert render(CATALOG, resource).directory == "terraform/prod/sqs/orders-eu-west-1"


def test_a_long_name_is_cut_with_a_note() -> None:
    long = "payments-reconciliation-settlement-service-of-the-north"
    settled = asked(f"dev sqs queue called {long}")
    assert settled.resources[0].name == long[: names.MAX_APPLICATION].strip("-")
    [note] = [note for note in settled.notes if "longer than 40 characters" in note]
    assert long in note


@pytest.mark.parametrize("text", ["Payments API", "orders", "x" * 40])
def test_a_name_that_fits_is_not_cut(text: str) -> None:
    assert not names.cut(text)

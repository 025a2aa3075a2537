"""Quoted words and the values that they can mean."""

import pytest

from provisioning.catalog.format import Parameter
from provisioning.domain import ParameterValue
from provisioning.pipeline.quotes import supports

CPU = Parameter(title="Processor", type="integer", enum=[256, 1024], values={"256": ["0.25 vcpu"], "1024": ["1 vcpu"]})


@pytest.mark.parametrize(("value", "quote"), [(256, "0.25 vCPU"), (1024, "1 vcpu"), (256, "256 units"), (1024, "1024")])
def test_a_number_is_said_by_itself_or_by_a_spelling_of_the_catalog(value: ParameterValue, quote: str) -> None:
    assert supports(CPU, value, quote)


@pytest.mark.parametrize(("value", "quote"), [(1024, "0.25 vCPU"), (256, "1 vcpu"), (256, "2 vcpu"), (1024, "512")])
def test_another_number_or_the_spelling_of_another_choice_is_not_believed(value: ParameterValue, quote: str) -> None:
    assert not supports(CPU, value, quote)

"""Quoted words and the values that they can mean."""

import pytest

from provisioning.catalog.format import Parameter
from provisioning.catalog.language import language_of
from provisioning.domain import ParameterValue
from provisioning.pipeline.quotes import supports
from tests.support.built_in import CATALOG

CPU = Parameter(
    title="Processor",
    type="integer",
    enum=[256, 1024],
    values={"256": ["0.25 vcpu"], "1024": ["1 vcpu"]},
)


@pytest.mark.parametrize(
    ("value", "quote"), [(256, "0.25 vCPU"), (1024, "1 vcpu"), (256, "256 units"), (1024, "1024")]
)
def test_a_number_is_said_by_itself_or_by_a_spelling_of_the_catalog(
    value: ParameterValue, quote: str
) -> None:
    assert supports(CPU, value, quote)


@pytest.mark.parametrize(
    ("value", "quote"), [(1024, "0.25 vCPU"), (256, "1 vcpu"), (256, "2 vcpu"), (1024, "512")]
)
def test_another_number_or_the_spelling_of_another_choice_is_not_believed(
    value: ParameterValue, quote: str
) -> None:
    assert not supports(CPU, value, quote)


LANGUAGE = language_of(CATALOG.folders, CATALOG.digest)
PRIVATE = Parameter(
    title="Private",
    type="boolean",
    values={"true": ["private"], "false": ["public", "reachable from the internet"]},
)
TIMEOUT = Parameter(title="Timeout", type="integer", unit="seconds")


@pytest.mark.parametrize(
    "quote", ["not a public", "must not be reachable from the internet", "private", "whatever"]
)
def test_a_denial_turns_a_spelling_round(quote: str) -> None:
    assert supports(PRIVATE, True, quote, LANGUAGE)


@pytest.mark.parametrize(
    "quote", ["public", "make it public", "a public one", "reachable from the internet"]
)
def test_the_opposite_is_not_believed(quote: str) -> None:
    assert not supports(PRIVATE, True, quote, LANGUAGE)


def test_without_a_language_nothing_is_taken_for_a_denial_or_a_fraction() -> None:
    assert not supports(PRIVATE, True, "not a public")
    assert not supports(TIMEOUT, 90, "1 minute and a half")


@pytest.mark.parametrize(
    ("value", "quote"),
    [(90, "1 minute and a half"), (9000, "2 and a half hours"), (60, "1 minute")],
)
def test_words_may_say_a_fraction_more(value: int, quote: str) -> None:
    assert supports(TIMEOUT, value, quote, LANGUAGE)


@pytest.mark.parametrize(
    ("value", "quote"), [(90, "1 minute"), (9000, "2 hours"), (100, "1 minute and a half")]
)
def test_a_fraction_that_nobody_says_is_not_believed(value: int, quote: str) -> None:
    assert not supports(TIMEOUT, value, quote, LANGUAGE)

"""When a reading has to be confirmed, how often things are wanted, and what is not fulfilled."""

from dataclasses import replace
from functools import cache

import pytest

from provisioning.catalog import Catalog
from provisioning.domain import (
    SINGLE,
    Origin,
    Question,
    Reading,
    Requirements,
    Unmet,
    Value,
)
from provisioning.errors import ClarificationNeededError, OutOfScopeError
from provisioning.pipeline.understand import understand
from tests.support.scripted import Scripted, asking, database, small_catalog

POSTGRES = ("engine", "postgres", "Postgres")
TEXT = "4 production Postgres databases for payments API"


@cache
def catalog() -> Catalog:
    return small_catalog()


def of(count: int, quote: str, **more: object) -> Reading:
    reading = database(POSTGRES, application="payments API")
    [resource] = reading.resources
    several = replace(resource, count=count, count_quote=quote)
    return replace(reading, resources=(several,), **more)  # type: ignore[arg-type]


def settle(reading: Reading, text: str = TEXT, **answers: str) -> Requirements:
    return understand(Scripted(reading, reading), catalog(), asking(text, answers=answers))


def test_several_alike_are_numbered_and_their_count_has_an_origin() -> None:
    first, second = settle(of(2, "2"), "2 Postgres databases for the payments API").resources
    assert (first.name, second.name) == ("payments-api-db-1", "payments-api-db-2")
    assert first.count == second.count == Value(2, Origin("text", "2", 0, 1))


def test_what_is_asked_for_once_has_the_count_of_nobody() -> None:
    assert settle(database(POSTGRES)).resources[0].count == SINGLE


def test_more_than_three_of_one_type_are_shown_before_they_are_made() -> None:
    with pytest.raises(ClarificationNeededError, match="4 times Database") as refusal:
        settle(of(4, "4"))
    [question] = refusal.value.questions
    assert (question.id, question.choices) == ("confirm", ("yes", "no"))
    assert "payments-api-db-1" in question.text


def test_what_is_confirmed_is_made() -> None:
    assert len(settle(of(4, "4"), confirm="yes").resources) == 4


def test_what_is_not_confirmed_is_not_made() -> None:
    with pytest.raises(ClarificationNeededError, match="other words"):
        settle(of(4, "4"), confirm="no")


def test_a_parser_that_is_not_certain_has_its_reading_confirmed() -> None:
    with pytest.raises(ClarificationNeededError, match="said 'later'"):
        settle(replace(database(POSTGRES), confirm="You said 'later'."))


def test_what_nothing_fulfils_goes_along() -> None:
    unmet = (Unmet("HIPAA", "The portal certifies nothing."),)
    reading = replace(database(POSTGRES), unmet=unmet)
    assert settle(reading, "Postgres database, HIPAA").unmet == unmet


@pytest.mark.parametrize("quote", ["SOX", "", "<script>", "HIPAA " * 800])
def test_a_wish_that_nobody_uttered_is_not_passed_on(quote: str) -> None:
    reading = replace(database(POSTGRES), unmet=(Unmet(quote, "No."),))
    assert settle(reading, "Postgres database, HIPAA").unmet == ()


def test_a_model_sends_nobody_anywhere() -> None:
    why = "See https://evil.example/now\n# Heading " + "x" * 4000
    reading = replace(database(POSTGRES), unmet=(Unmet("HIPAA", why),), reason=why)
    found = settle(reading, "Postgres database, HIPAA")
    for said in (found.unmet[0].why, found.notes[-1]):
        assert "evil" not in said
        assert "\n" not in said
        assert len(said) <= 240


def test_the_doubts_of_a_parser_are_asked_and_what_cannot_be_answered_is_told() -> None:
    size = Question("database.storage_gb", "How large?")
    with pytest.raises(ClarificationNeededError, match="How large"):
        settle(replace(database(POSTGRES), questions=(size,)))
    color = replace(
        database(POSTGRES), questions=(Question("color", "Which color?"),), reason="Seen."
    )
    assert settle(color).notes[-2:] == ("The scripted parser asked: Which color?", "Seen.")


def test_more_than_a_pull_request_can_show_is_refused() -> None:
    with pytest.raises(OutOfScopeError, match="500 resources"):
        settle(of(500, "4"))

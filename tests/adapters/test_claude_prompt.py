"""What Claude is told: examples in the answer's own shape that hold, and lists of what exists."""

import json

import pytest

from provisioning.adapters.claude.answer import reading_of
from provisioning.adapters.claude.prompt import EXAMPLES, system_text
from provisioning.adapters.claude.shape import Answer
from provisioning.domain import Submission
from provisioning.pipeline.claims import review
from provisioning.pipeline.said_beside import unmet_of
from tests.support.built_in import CATALOG
from tests.support.scripted import small_catalog

EXAMPLE_ANSWERS = json.loads(EXAMPLES.read_text(encoding="utf-8"))
CONCLUDED = {"survive the failure of a zone"}


@pytest.mark.parametrize("example", EXAMPLE_ANSWERS, ids=lambda one: one["request"][:30])
def test_an_example_is_an_answer_that_holds(example: dict[str, object]) -> None:
    answer = Answer.model_validate(example["answer"])
    submission = Submission(str(example["request"]), "ana@example.com")
    claims = review(CATALOG, submission, reading_of(answer))

    assert [one for claimed in claims for one in claimed.complaints] == []
    for claimed in claims:
        assert claimed.count.origin.kind in {"text", "default"}
        for value in claimed.values.values():
            concluded = value.origin.detail in CONCLUDED
            assert value.origin.kind == ("inferred" if concluded else "text")
    assert len(unmet_of(CATALOG, submission, reading_of(answer))) == len(answer.unmet)


def test_the_examples_show_every_part_of_an_answer() -> None:
    answers = [Answer.model_validate(example["answer"]) for example in EXAMPLE_ANSWERS]
    assert {answer.outcome for answer in answers} == {"ok", "clarify", "reject"}
    assert any(answer.unmet for answer in answers)
    assert any(resource.count > 1 for answer in answers for resource in answer.resources)


def test_examples_of_types_that_a_catalog_lacks_are_left_out() -> None:
    text = system_text(small_catalog())
    assert "for the zoo" in text
    assert "HIPAA compliant" not in text


@pytest.mark.parametrize(
    "said",
    ["postgres: 18, 17, 16", "mysql: 8.4, 8.0", "db.t3.*, db.t4g.*: micro, small, medium", "python3.13"],
)  # fmt: skip
def test_what_exists_is_listed_for_the_engine_in_question(said: str) -> None:
    assert said in system_text(CATALOG)

"""Answers that are right and quote as people do: they pass without a question, and every value is what the text says.

tests/corpus/quoted.jsonl holds texts and the answer of a model that reads them rightly, with line breaks, tables, Markdown,
typographic quotes, ellipses, slips of the pen, units, number words and five languages.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from provisioning.domain import Reading, ReadResource, ReadValue, Submission, Value
from provisioning.errors import ClarificationNeededError
from provisioning.pipeline.understand import understand
from tests.support.built_in import CATALOG
from tests.support.scripted import Scripted

ANSWERS = Path(__file__).parents[1] / "corpus" / "quoted.jsonl"
LEAST = 0.95


def answers() -> list[dict[str, Any]]:
    return [json.loads(line) for line in ANSWERS.read_text(encoding="utf-8").splitlines()]


def settled(answer: dict[str, Any]) -> dict[str, Value] | None:
    """The values that the answer claims; None where it is asked back."""
    values = tuple(ReadValue(**value) for value in answer["parameters"])
    resource = ReadResource(
        answer["type"],
        values,
        answer["application"],
        answer["environment"],
        answer["environment_quote"],
    )
    reading = Reading("ok", (resource,), parser="scripted")
    try:
        found = understand(
            Scripted(reading, reading), CATALOG, Submission(answer["text"], "ana@example.com")
        )
    except ClarificationNeededError:
        return None
    parameters = found.resources[0].parameters
    return {value.name: parameters[value.name] for value in values}


@cache
def outcomes() -> list[dict[str, Value] | None]:
    return [settled(answer) for answer in answers()]


def test_there_are_seventy_of_them() -> None:
    assert len(answers()) == 70


def test_nearly_all_pass_without_a_question() -> None:
    passed = [one for one in outcomes() if one is not None]
    asked = [
        answer["text"] for answer, one in zip(answers(), outcomes(), strict=True) if one is None
    ]
    assert len(passed) >= LEAST * len(outcomes()), asked


def test_what_passes_comes_from_the_text() -> None:
    kinds = [value.origin.kind for one in outcomes() for value in (one or {}).values()]
    assert set(kinds) <= {"text", "inferred"}
    assert kinds.count("inferred") <= 2

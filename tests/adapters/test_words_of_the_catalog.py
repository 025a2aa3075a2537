"""Every word that the catalog declares means in a plain sentence what it is declared for; a few may be taken by another."""

from collections.abc import Iterator

import pytest

from provisioning.catalog.format import FieldSpec
from tests.adapters.test_rules import reading
from tests.support.built_in import CATALOG

NEEDED = {
    "rds": "postgres rds", "aurora": "aurora postgres", "elasticache": "redis", "route53": "hosted zone a.example",
    "eventbridge": "eventbridge every hour", "iam_role": "iam role",
}  # fmt: skip
MOST_LOST = 0.02
NUMERIC = {"integer", "number"}


@pytest.mark.parametrize("name", CATALOG.types)
def test_each_word_for_a_type_asks_for_it(name: str) -> None:
    words = [word for word in CATALOG.types[name].file.synonyms if word.isascii()]
    lost = [
        word
        for word in words
        if not _asks_for(name, f"Please create a {word} for the zeta app in prod.")
    ]
    assert len(lost) <= max(1, MOST_LOST * len(words)), lost


def _asks_for(name: str, text: str) -> bool:
    found = reading(text)
    asked = [question for question in found.questions if question.id == "resource_type"]
    return [one.type for one in found.resources] == [name] or (
        found.outcome == "clarify" and not asked
    )


def test_each_name_of_a_number_takes_it() -> None:
    every = [one for name in CATALOG.types for one in _numbers(name)]
    lost = [text for text, path, value in every if _told(text).get(path) != value]
    assert len(every) > 1000
    assert len(lost) <= MOST_LOST * len(every), lost


def _numbers(name: str) -> Iterator[tuple[str, str, float]]:
    for path, field in CATALOG.types[name].fields():
        for word in field.synonyms if field.type in NUMERIC else ():
            if word.isascii() and "-" not in word:
                value = _value(field)
                text = f"{NEEDED.get(name, name)} in dev for zeta with {word} {value} {field.unit}"
                yield text, path.replace("[]", "[0]"), value


def _value(field: FieldSpec) -> int:
    choices = [int(choice) for choice in field.enum if choice]
    return choices[0] if choices else int(min((field.minimum or 0) + 3, field.maximum or 1000))


def _told(text: str) -> dict[str, object]:
    return {
        value.name: value.value
        for resource in reading(text).resources
        for value in resource.parameters
    }

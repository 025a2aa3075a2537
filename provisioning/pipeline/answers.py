"""Answers to questions: checked at the door, by the catalog's own names from there on."""

import re
from collections.abc import Iterable, Iterator, Mapping

from provisioning.catalog import Catalog, names
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.settle import (
    refused_as,
    settle,
    settle_environment,
    settle_type,
)
from provisioning.domain import CONFIRM, NO, YES, Origin, Submission, Value
from provisioning.errors import InvalidInputError
from provisioning.pipeline.claims import Claimed, others_of

YES_OR_NO = {
    "yes": YES, "y": YES, "true": YES, "ok": YES, "no": NO, "n": NO, "false": NO,
}  # fmt: skip


def canonical_answers(catalog: Catalog, answers: Mapping[str, str]) -> dict[str, str]:
    """ "production" → "prod", "PostgreSQL" → "postgres", "200 GB" → "200". Raises `InvalidInputError` that names an answer which
    is to no question or not possible."""
    return {name: _canonical(catalog, name, said) for name, said in answers.items()}


def _canonical(catalog: Catalog, name: str, said: str) -> str:
    where = f"answers.{name}"
    if name == "environment":
        return settle_environment(catalog, where, said)
    if name == "resource_type":
        return settle_type(catalog, where, said)
    if name == "application":
        return _name(where, said)
    if name == CONFIRM:
        return _confirmation(where, said)
    field = _field(catalog, name)
    if field is None:
        raise InvalidInputError(
            where,
            f"{name[:60]!r} is no question of the portal. An answer goes by the id of its question: "
            "resource_type, environment, application, confirm or <type>.<parameter>.",
        )
    # A refused value is kept as it was said: the policy's sentence, not a bound's, is the answer to it.
    return said if refused_as(field, said) else _written(catalog, where, field, said)


def _written(catalog: Catalog, where: str, field: FieldSpec, said: str) -> str:
    """The settled value in words that settle to itself."""
    value = settle(catalog, where, field, said)
    if isinstance(value, bool):
        return YES if value else NO
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _name(where: str, said: str) -> str:
    if not names.slug(said):
        raise InvalidInputError(where, "Say in Latin letters or digits what it is for.")
    return said


def _confirmation(where: str, said: str) -> str:
    """Also a yes that says to what (`confirm.yes_to`)."""
    said = said.strip().casefold()
    if re.fullmatch(rf"{YES}:[0-9a-f]{{12}}", said):
        return said
    answer = YES_OR_NO.get(said)
    if answer is None:
        raise InvalidInputError(where, f"Answer {YES} or {NO}.")
    return answer


def _field(catalog: Catalog, question: str) -> FieldSpec | None:
    type_name, _, path = question.partition(".")
    resource_type = catalog.types.get(type_name)
    return resource_type.field(path) if resource_type else None


def answered(catalog: Catalog, submission: Submission, claimed: Claimed) -> dict[str, Value]:
    """The answers about this type's parameters. Raises `InvalidInputError`."""
    values: dict[str, Value] = {}
    for question, answer in submission.answers.items():
        type_name, _, path = question.partition(".")
        field = catalog.types[claimed.type].field(path) if type_name == claimed.type else None
        if field is not None:
            others = others_of(catalog, {**claimed.values, **values})
            value = settle(catalog, f"answers.{question}", field, answer, others)
            values[path] = Value(value, Origin("answer", question))
    return values


def unused_answers(catalog: Catalog, submission: Submission, types: Iterable[str]) -> Iterator[str]:
    """A sentence for each answer about a type that is not wanted any more."""
    wanted = set(types)
    for question in submission.answers:
        type_name, _, path = question.partition(".")
        if path and type_name not in wanted:
            title = catalog.types[type_name].file.title
            yield f"The answer to {question} was not used: no {title} is asked for."

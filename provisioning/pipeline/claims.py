"""Is what a parser claims there? Types exist, quoted words stand in the text, values are within bounds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from provisioning.catalog import Catalog, ResourceType, names
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.language import language_of
from provisioning.catalog.values import choices_of, coerce
from provisioning.domain import (
    ParameterValue,
    Question,
    Reading,
    ReadResource,
    ReadValue,
    Submission,
)
from provisioning.errors import InvalidInputError
from provisioning.pipeline.quotes import supports

MAX_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Complaint:
    """`where` is (index of the resource, parameter path or field). Without a question the claim is dropped with a note."""

    where: tuple[int, str]
    sentence: str
    question: Question | None = None


def review(catalog: Catalog, submission: Submission, reading: Reading) -> list[Complaint]:
    if reading.outcome != "ok":
        return []
    return [
        complaint
        for index, resource in enumerate(reading.resources)
        for complaint in _resource_complaints(catalog, submission, index, resource)
    ]


def _resource_complaints(
    catalog: Catalog, submission: Submission, index: int, resource: ReadResource
) -> Iterator[Complaint]:
    resource_type = catalog.types.get(resource.type)
    if resource_type is None:
        sentence = f"{resource.type[:40]!r} is not in the catalog. Choose one of: {', '.join(catalog.types)}."
        question = Question(
            "resource_type", "Which resource do you need?", tuple(catalog.types)[:MAX_CHOICES]
        )
        yield Complaint((index, "type"), sentence, question)
        return
    yield from _environment_complaints(catalog, submission, index, resource)
    if resource.application and not application_stands(submission.text, resource.application):
        yield Complaint(
            (index, "application"), f"The name {resource.application[:60]!r} is not in the text."
        )
    for value in resource.parameters:
        yield from _value_complaints(catalog, submission, (index, resource_type), value)


def _environment_complaints(
    catalog: Catalog, submission: Submission, index: int, resource: ReadResource
) -> Iterator[Complaint]:
    if resource.environment is None:
        return
    known = resource.environment in catalog.environments
    if not known or not stands(submission.text, resource.environment_quote):
        sentence = f"The environment {resource.environment[:40]!r} is not said in the text."
        asked = submission.environment is None and "environment" not in submission.answers
        question = Question("environment", "Which environment is it for?", catalog.environments)
        yield Complaint((index, "environment"), sentence, question if asked else None)


def _value_complaints(
    catalog: Catalog, submission: Submission, where: tuple[int, ResourceType], value: ReadValue
) -> Iterator[Complaint]:
    index, resource_type = where
    field = resource_type.field(value.name)
    if field is None:
        yield Complaint(
            (index, value.name),
            f"{resource_type.name} has no parameter {value.name[:60]!r}; it was left out.",
        )
        return
    if f"{resource_type.name}.{value.name}" in submission.answers or _refused(field, value):
        return
    reason = _doubt(submission.text, field, value)
    try:
        settled = coerce(catalog, value.name, field, value.value)
        if not reason and not supports(
            field, settled, value.quote, language_of(catalog.folders, catalog.digest)
        ):
            reason = f"{field.title}: {value.quote[:60]!r} does not say {str(settled)[:60]!r}."
    except InvalidInputError as error:
        reason = error.message
    if reason:
        yield Complaint(
            (index, value.name), reason, _question(catalog, resource_type, value, field, reason)
        )


def _doubt(text: str, field: FieldSpec, value: ReadValue) -> str:
    return (
        ""
        if stands(text, value.quote)
        else f"{field.title}: the text does not say {value.quote[:60]!r}."
    )


def _question(
    catalog: Catalog, resource_type: ResourceType, value: ReadValue, field: FieldSpec, reason: str
) -> Question:
    choices = tuple(str(choice) for choice in choices_of(catalog, field, {}) or ())[:MAX_CHOICES]
    choices = choices or _nearest(field, value.value)
    recommended = (
        str(field.recommended)
        if field.recommended is not None
        else choices[0]
        if len(choices) == 1
        else None
    )
    return Question(
        f"{resource_type.name}.{value.name}", f"{reason} What should it be?", choices, recommended
    )


def _nearest(field: FieldSpec, value: ParameterValue) -> tuple[str, ...]:
    """The bound that a number is beyond."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ()
    beyond = field.minimum if field.minimum is not None and value < field.minimum else field.maximum
    return () if beyond is None else (f"{beyond:g}",)


def refused_values(catalog: Catalog, reading: Reading) -> list[str]:
    """One sentence for each value that the catalog names only to refuse it."""
    sentences = []
    for resource in reading.resources:
        for value in resource.parameters:
            field = (
                catalog.types[resource.type].field(value.name)
                if resource.type in catalog.types
                else None
            )
            if field is not None and _refused(field, value):
                allowed = f" Allowed: {', '.join(map(str, field.enum))}." if field.enum else ""
                reason = field.refused_reason or f"{field.title} {value.value} is not offered."
                sentences.append(f"{reason}{allowed} ({resource.type}.{value.name})")
    return sentences


def _refused(field: FieldSpec, value: ReadValue) -> bool:
    return isinstance(value.value, str) and value.value in field.refused


def without(reading: Reading, complaints: Sequence[Complaint]) -> Reading:
    """The reading less every claim that was complained about."""
    bad = {complaint.where for complaint in complaints}
    resources = tuple(
        replace(
            resource,
            parameters=tuple(
                value for value in resource.parameters if (index, value.name) not in bad
            ),
            application="" if (index, "application") in bad else resource.application,
            environment=None if (index, "environment") in bad else resource.environment,
        )
        for index, resource in enumerate(reading.resources)
    )
    return replace(reading, resources=resources)


def stands(text: str, quote: str) -> bool:
    return bool(quote.strip()) and quote.casefold() in text.casefold()


def application_stands(text: str, application: str) -> bool:
    """Every word of the name is a word of the text, but for a plural s."""
    words = {word.rstrip("s") for word in names.words(text)}
    return all(word.rstrip("s") in words for word in names.words(application))

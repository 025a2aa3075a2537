"""A checked reading → requirements in which every value has an origin: the text, a field, an answer or a default."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from provisioning.catalog import Catalog, ResourceType, names, settled
from provisioning.catalog.values import coerce
from provisioning.domain import (
    SINGLE,
    Origin,
    Question,
    Reading,
    ReadResource,
    Requirements,
    Resource,
    Submission,
    Value,
)


class Named(NamedTuple):
    application: Value
    name: str
    environment: Value


def complete(
    catalog: Catalog, submission: Submission, reading: Reading
) -> tuple[Requirements, list[Question]]:
    """Requirements, and questions for what may not be guessed. With questions the requirements are not to be used."""
    questions: list[Question] = []
    resources: list[Resource] = []
    notes = list(reading.notes)
    wanted = expanded(reading)
    for resource, application in zip(
        wanted, _applications(catalog, submission, wanted), strict=True
    ):
        environment, note = _environment(catalog, submission, resource)
        notes += [*note, *_not_offered(catalog.types[resource.type], submission.text)]
        stated = _stated(catalog, submission, resource)
        questions += _questions(catalog.types[resource.type], stated)
        named = Named(*application, environment)
        resources.append(
            replace(
                _resource(catalog, submission, catalog.types[resource.type], named, stated),
                count=_count(submission, resource),
            )
        )
    notes = list(dict.fromkeys(notes))
    return Requirements(
        tuple(resources), reading.parser, reading.usage, tuple(notes), reading.unmet
    ), questions


def expanded(reading: Reading) -> list[ReadResource]:
    """One entry for each resource that there will be."""
    return [resource for resource in reading.resources for _ in range(resource.count)]


def _not_offered(resource_type: ResourceType, text: str) -> Iterator[str]:
    """What the text speaks of and the type cannot be: the requester hears of it beside what there will be."""
    for what, why in resource_type.file.not_offered.items():
        if re.search(rf"(?<!\w){re.escape(what)}s?(?!\w)", text, re.IGNORECASE):
            yield f"The text speaks of {what!r}. {why}"


def _resource(
    catalog: Catalog,
    submission: Submission,
    resource_type: ResourceType,
    named: "Named",
    stated: Mapping[str, Value],
) -> Resource:
    where = str(named.environment.value)
    given = {path: value.value for path, value in stated.items()}
    defaults = settled.defaults(catalog, resource_type, where, given)
    parameters = dict(stated) | {
        path: Value(value, Origin("default", detail)) for path, (value, detail) in defaults.items()
    }
    resource = Resource(
        type=resource_type.name,
        application=named.application,
        name=named.name,
        aws_name=names.aws_name(catalog, resource_type, where, named.name),
        environment=named.environment,
        parameters=dict(sorted(parameters.items())),
        tags={},
    )
    return replace(resource, tags=_tags(catalog, submission, resource))


def _count(submission: Submission, resource: ReadResource) -> Value:
    if resource.count == 1:
        return SINGLE
    quote = resource.count_quote
    return Value(resource.count, Origin("text", quote, *_span(submission.text, quote)))


def _applications(
    catalog: Catalog, submission: Submission, resources: Sequence[ReadResource]
) -> list[tuple[Value, str]]:
    """The application and the resource's name, per resource. Names that would be the same get a number."""
    applications = [_application(catalog, submission, resource) for resource in resources]
    wanted = [
        (
            resource.type,
            resource.environment,
            names.resource_name(catalog.types[resource.type], str(application.value)),
        )
        for resource, application in zip(resources, applications, strict=True)
    ]
    total, seen = Counter(wanted), Counter[tuple[str, str | None, str]]()
    numbered = []
    for key, application in zip(wanted, applications, strict=True):
        seen[key] += 1
        numbered.append((application, key[2] if total[key] == 1 else f"{key[2]}-{seen[key]}"))
    return numbered


def _application(catalog: Catalog, submission: Submission, resource: ReadResource) -> Value:
    answered = names.slug(submission.answers.get("application", ""))
    if answered:
        return Value(answered, Origin("answer", "application"))
    said = names.slug(resource.application)
    if said:
        return Value(
            said,
            Origin("text", resource.application, *_span(submission.text, resource.application)),
        )
    service = names.slug(submission.service)
    if service:
        return Value(service, Origin("field", "service"))
    return Value(
        catalog.types[resource.type].file.fallback_name,
        Origin("default", f"default of {resource.type}"),
    )


def _environment(
    catalog: Catalog, submission: Submission, resource: ReadResource
) -> tuple[Value, list[str]]:
    said = resource.environment
    if submission.environment:
        differs = said is not None and said != submission.environment
        note = (
            f"The text says {said}; the field says {submission.environment}. The field was used."
            if differs
            else ""
        )
        return Value(submission.environment, Origin("field", "environment")), [note] if note else []
    answered = submission.answers.get("environment")
    if answered in catalog.environments:
        return Value(answered, Origin("answer", "environment")), []
    if said is not None:
        quote = resource.environment_quote
        return Value(said, Origin("text", quote, *_span(submission.text, quote))), []
    return Value(catalog.platform.default_environment, Origin("default", "default environment")), []


def _stated(catalog: Catalog, submission: Submission, resource: ReadResource) -> dict[str, Value]:
    resource_type = catalog.types[resource.type]
    stated = {}
    for read in resource.parameters:
        field = resource_type.field(read.name)
        if field is not None and f"{resource.type}.{read.name}" not in submission.answers:
            origin = Origin("text", read.quote, *_span(submission.text, read.quote))
            stated[read.name] = Value(coerce(catalog, read.name, field, read.value), origin)
    for question, answer in submission.answers.items():
        type_name, _, path = question.partition(".")
        field = resource_type.field(path) if type_name == resource.type else None
        if field is not None:
            stated[path] = Value(
                coerce(catalog, question, field, answer), Origin("answer", question)
            )
    return stated


def _questions(resource_type: ResourceType, stated: Mapping[str, Value]) -> Iterator[Question]:
    for path, field in resource_type.fields():
        if field.required and path not in stated and "[]" not in path:
            choices = tuple(str(choice) for choice in field.enum)
            recommended = None if field.recommended is None else str(field.recommended)
            yield Question(f"{resource_type.name}.{path}", field.question, choices, recommended)


def _tags(catalog: Catalog, submission: Submission, resource: Resource) -> dict[str, Value]:
    sources = {
        "environment": resource.environment,
        "application": resource.application,
        "name": Value(resource.name, Origin("policy", "naming")),
        "team": Value(submission.team, Origin("field", "team")),
        "service": Value(submission.service, Origin("field", "service")),
        "requester": Value(submission.requester, Origin("field", "requester")),
    }
    tags = {}
    for name, tag in catalog.platform.tags.items():
        value = (
            sources[tag.source]
            if tag.source
            else Value(tag.value, Origin("policy", "required tags"))
        )
        if value.value == "" and tag.default:
            value = Value(tag.default, Origin("default", "default of required tags"))
        if value.value:
            tags[name] = value
    return tags


def _span(text: str, quote: str) -> tuple[int | None, int | None]:
    start = (
        text.casefold().find(quote.casefold())
        if len(text.casefold()) == len(text)
        else text.find(quote)
    )
    return (start, start + len(quote)) if start >= 0 else (None, None)

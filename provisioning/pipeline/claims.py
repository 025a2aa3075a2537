"""Is what a parser claims there? Types exist, quoted words stand in the text and say the value, values are within bounds.

Everything is settled here, once; what comes out has an origin, and what does not hold is a complaint.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.catalog import Catalog, ResourceType, names
from provisioning.catalog.assignments import Assignment, assignments
from provisioning.catalog.defaults import default_region
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.plain import words_of
from provisioning.catalog.settle import refused_as, settle
from provisioning.catalog.values import waiting_reason
from provisioning.domain import (
    SINGLE,
    Origin,
    OriginKind,
    Reading,
    ReadResource,
    ReadValue,
    Submission,
    Value,
    Violation,
)
from provisioning.errors import InvalidInputError, OutOfScopeError
from provisioning.pipeline.complaints import Complaint, about_environment, about_type, about_value
from provisioning.pipeline.counts import count_of, merged
from provisioning.pipeline.evidence import Verdict, says_environment, weigh
from provisioning.pipeline.passage import Passage, passages

# What a reviewer can still look through in one pull request.
MAX_RESOURCES = 20


@dataclass(frozen=True, slots=True)
class Claimed:
    """What holds of one resource of a reading. `refused` are the values that the catalog names
    only to refuse them."""

    type: str
    values: Mapping[str, Value]
    application: Value | None = None
    environment: Value | None = None
    count: Value = SINGLE
    refused: tuple[Violation, ...] = ()
    complaints: tuple[Complaint, ...] = ()

    @property
    def times(self) -> int:
        return max(self.count.value, 1) if isinstance(self.count.value, int) else 1


def review(catalog: Catalog, submission: Submission, reading: Reading) -> list[Claimed]:
    """What holds of an `ok` reading; nothing of another one. Raises `OutOfScopeError` for more than
    a pull request can show."""
    if reading.outcome != "ok":
        return []
    count = sum(max(resource.count, 1) for resource in reading.resources)
    if count > MAX_RESOURCES:
        raise OutOfScopeError(
            f"That is {count} resources; one request makes {MAX_RESOURCES} at most. "
            "Ask for them in several requests."
        )
    return [checked(catalog, submission, one) for one in merged(reading.resources)]


def checked(catalog: Catalog, submission: Submission, resource: ReadResource) -> Claimed:
    """The claims of one resource that hold, and complaints about the others."""
    resource_type = catalog.types.get(resource.type)
    if resource_type is None:
        return Claimed(resource.type, {}, complaints=(about_type(catalog, resource.type),))
    complaints: list[Complaint] = []
    refused = list(_refused(catalog, submission, resource_type, resource))
    values: dict[str, Value] = {}
    for read in _in_order(resource_type, resource):
        try:
            values |= _value(catalog, submission, resource_type, read, values)
        except _DoubtError as doubt:
            complaints.append(doubt.complaint)
    environment = _environment(catalog, submission, resource)
    if resource.environment is not None and environment is None:
        complaints.append(about_environment(catalog, submission, resource.environment))
    count = count_of(catalog, submission.text, resource)
    application = _application(submission.text, resource.application)
    if resource.application and application is None:
        sentence = f"The name {resource.application[:60]!r} is not in the text."
        complaints.append(Complaint(sentence))
    return Claimed(
        type=resource.type,
        values=values,
        application=application,
        environment=environment,
        count=count or Value(resource.count, Origin("inferred", "")),
        refused=tuple(refused),
        complaints=tuple(complaints),
    )


class _DoubtError(Exception):
    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.sentence)
        self.complaint = complaint


def _in_order(resource_type: ResourceType, resource: ReadResource) -> list[ReadValue]:
    """What a list of allowed values depends on comes before the values that are looked up in it."""

    def depends(read: ReadValue) -> bool:
        field = resource_type.field(read.name)
        return field is not None and "{" in field.allowed

    return sorted(resource.parameters, key=depends)


def _value(
    catalog: Catalog,
    submission: Submission,
    resource_type: ResourceType,
    read: ReadValue,
    before: Mapping[str, Value],
) -> dict[str, Value]:
    """Nothing for what an answer or a refusal takes care of."""
    field = resource_type.field(read.name)
    if field is None:
        sentence = f"{resource_type.name} has no parameter {read.name[:60]!r}; it was left out."
        raise _DoubtError(Complaint(sentence))
    answered = f"{resource_type.name}.{read.name}" in submission.answers
    if answered or refused_as(field, read.value):
        return {}
    found = passages(catalog, submission.text, read.quote)
    assigns = _assigns(submission.text, read)
    if not found and not assigns:
        sentence = f"{field.title}: the text does not say {read.quote[:60]!r}."
        raise _DoubtError(about_value(catalog, resource_type, read, field, sentence))
    try:
        value = settle(catalog, read.name, field, read.value, others_of(catalog, before))
    except InvalidInputError as error:
        raise _DoubtError(
            about_value(catalog, resource_type, read, field, error.message)
        ) from error
    if assigns:
        return {read.name: Value(value, Origin("text", read.quote, assigns.start, assigns.end))}
    verdict, passage = weigh(catalog, field, value, found)
    if not _stands(field, verdict):
        sentence = f"{field.title}: {passage.raw[:60]!r} does not say {str(value)[:60]!r}."
        raise _DoubtError(about_value(catalog, resource_type, read, field, sentence))
    return {read.name: Value(value, _origin(verdict, passage))}


def _assigns(text: str, read: ReadValue) -> Assignment | None:
    """The text's own assignment of this value, where it is what is quoted."""
    for one in assignments(text):
        quoted = text[one.start : one.end] == read.quote
        if quoted and one.path == read.name and one.value == read.value:
            return one
    return None


def others_of(catalog: Catalog, values: Mapping[str, Value]) -> dict[str, Any]:
    known = {path: value.value for path, value in values.items()}
    return {"region": default_region(catalog), **known}


def _stands(field: FieldSpec, verdict: Verdict) -> bool:
    """A choice may be concluded from words that do not say it. A number, a name or an address may not."""
    is_choice = field.type == "boolean" or bool(field.enum) or field.format == "schedule"
    return verdict == "said" or (verdict == "unsaid" and is_choice)


def _origin(verdict: Verdict, passage: Passage) -> Origin:
    kind: OriginKind = "text" if verdict == "said" else "inferred"
    return Origin(kind, " ".join(passage.raw.split()), *passage.span)


def _environment(catalog: Catalog, submission: Submission, resource: ReadResource) -> Value | None:
    """Never concluded: a spelling of it stands in the quoted words."""
    if resource.environment not in catalog.environments:
        return None
    found = passages(catalog, submission.text, resource.environment_quote)
    passage = says_environment(catalog, resource.environment, found)
    if passage is None:
        return None
    return Value(resource.environment, _origin("said", passage))


def _application(text: str, application: str) -> Value | None:
    """Said where its words stand in a row, inferred where each of them stands somewhere, but for a
    plural s."""
    slug = names.slug(application)
    if not slug:
        return None
    words, wanted = words_of(text), words_of(application).keys
    place = words.place(wanted)
    if place >= 0:
        passage = Passage(text, words, place, place + len(wanted))
        return Value(slug, _origin("said", passage))
    # "payment service" names the application "payments".
    known = {word.rstrip("s") for word in names.ascii_words(text)}
    if all(word.rstrip("s") in known for word in names.ascii_words(application)):
        return Value(slug, Origin("inferred", application))
    return None


def _refused(
    catalog: Catalog, submission: Submission, resource_type: ResourceType, resource: ReadResource
) -> Iterator[Violation]:
    """Each value that the catalog names only to refuse it, unless an answer stands in its place."""
    for read in resource.parameters:
        place = f"{resource.type}.{read.name}"
        field = resource_type.field(read.name)
        said = submission.answers.get(place, read.value)
        refused = refused_as(field, said) if field else ""
        if field is None or not refused:
            continue
        reason = waiting_reason(catalog, field, refused) or field.refused_reason
        if not reason:
            reason = f"{field.title} {refused} is not offered."
        if field.enum:
            reason += f" Allowed: {', '.join(map(str, field.enum))}."
        yield Violation(f"{reason} ({place})", place, tuple(field.enum))

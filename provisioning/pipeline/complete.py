"""Checked claims → requirements in which every value has an origin: the text, a field, an answer or a default."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from provisioning.catalog import Catalog, ResourceType, names
from provisioning.catalog.defaults import default_region, defaults_of
from provisioning.domain import (
    Origin,
    Question,
    Reading,
    Requirements,
    Resource,
    Submission,
    Value,
)
from provisioning.pipeline.answers import answered, unused_answers
from provisioning.pipeline.claims import Claimed
from provisioning.pipeline.inferred import asked_instead
from provisioning.pipeline.said_beside import not_connected, unmet_of
from provisioning.pipeline.tags import tags_of

NameKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Planned:
    """A resource to be before defaults."""

    type: ResourceType
    environment: Value
    application: Value
    values: Mapping[str, Value]
    count: Value


def complete(
    catalog: Catalog, submission: Submission, reading: Reading, claims: Sequence[Claimed]
) -> tuple[Requirements, list[Question]]:
    """Requirements, and questions for what may not be guessed. With questions the requirements are
    not to be used."""
    planned: list[Planned] = []
    questions: list[Question] = []
    notes = list(reading.notes)
    for claimed in claims:
        one, asked, said = _planned(catalog, submission, claimed)
        planned += [one] * claimed.times
        questions += asked
        notes += said
    types = [one.type.name for one in planned]
    notes += unused_answers(catalog, submission, [claimed.type for claimed in claims])
    resources = resources_of(catalog, submission, planned)
    notes += not_connected(catalog, types)
    requirements = Requirements(
        resources=resources,
        parser=reading.parser,
        usage=reading.usage,
        # Two resources may give rise to the same note.
        notes=tuple(dict.fromkeys(notes)),
        unmet=unmet_of(catalog, submission, reading),
    )
    return requirements, questions


def resources_of(
    catalog: Catalog, submission: Submission, planned: Sequence[Planned]
) -> tuple[Resource, ...]:
    """Named, and filled up with the defaults. Raises `InvalidInputError` for a name that AWS refuses."""
    names_of = _numbered_names(catalog, planned)
    made = zip(planned, names_of, strict=True)
    return tuple(_resource(catalog, submission, one, name) for one, name in made)


def _planned(
    catalog: Catalog, submission: Submission, claimed: Claimed
) -> tuple[Planned, list[Question], list[str]]:
    resource_type = catalog.types[claimed.type]
    environment, notes = _environment(catalog, submission, claimed)
    application = _application(catalog, submission, claimed, environment)
    values = dict(claimed.values) | answered(catalog, submission, claimed)
    values, questions = asked_instead(catalog, resource_type, environment, values)
    questions += _missing(resource_type, values)
    if application is None:
        questions.append(_name_question(resource_type))
    named = application or Value(resource_type.file.fallback_name, Origin("default", ""))
    if named.origin.kind == "default":
        notes.append(
            f"Nothing names the {resource_type.file.title}, so it is called {named.value!r}. "
            "Say what it is for to give it a name."
        )
    notes += _shortened(submission, named)
    notes += _not_offered(resource_type, submission.text)
    return Planned(resource_type, environment, named, values, claimed.count), questions, notes


def _shortened(submission: Submission, named: Value) -> Iterator[str]:
    """Said where a long name was cut: two of them may begin alike, and nobody should find that out from AWS."""
    answer = submission.answers.get("application", "")
    for text in (answer, named.origin.detail, submission.service):
        if names.slug(text) == named.value and names.cut(text):
            yield (
                f"The name {text.strip()!r} is longer than {names.MAX_APPLICATION} characters, "
                f"so it is cut to {named.value!r}."
            )
            return


def _not_offered(resource_type: ResourceType, text: str) -> Iterator[str]:
    """What the text speaks of and the type cannot be: the requester hears of it beside what there will be."""
    for what, why in resource_type.file.not_offered.items():
        if re.search(rf"(?<!\w){re.escape(what)}s?(?!\w)", text, re.IGNORECASE):
            yield f"The text speaks of {what!r}. {why}"


def _resource(catalog: Catalog, submission: Submission, planned: Planned, name: str) -> Resource:
    where = str(planned.environment.value)
    given = {path: value.value for path, value in planned.values.items()}
    defaults = defaults_of(catalog, planned.type, where, given)
    parameters = dict(planned.values)
    for path, (value, detail) in defaults.items():
        parameters[path] = Value(value, Origin("default", detail))
    resource = Resource(
        type=planned.type.name,
        application=planned.application,
        name=name,
        aws_name=names.aws_name(catalog, planned.type, where, name),
        environment=planned.environment,
        parameters=dict(sorted(parameters.items())),
        tags={},
        count=planned.count,
    )
    return replace(resource, tags=tags_of(catalog, submission, resource))


def _numbered_names(catalog: Catalog, planned: Sequence[Planned]) -> list[str]:
    """Names that would be the same get a number."""
    wanted = [_name_key(catalog, one) for one in planned]
    total, seen = Counter(wanted), Counter[NameKey]()
    numbered = []
    for key in wanted:
        seen[key] += 1
        *_, name = key
        numbered.append(name if total[key] == 1 else f"{name}-{seen[key]}")
    return numbered


def _name_key(catalog: Catalog, planned: Planned) -> NameKey:
    """What two resources must share for their names to clash: each type and environment has a directory of its own."""
    name = names.resource_name(planned.type, str(planned.application.value))
    name += _elsewhere(catalog, planned)
    return planned.type.name, str(planned.environment.value), name


def _elsewhere(catalog: Catalog, planned: Planned) -> str:
    """Roles of IAM and names of buckets are the same in all regions, so a name outside of the default one says where it is."""
    region = planned.values.get("region")
    where = str(planned.environment.value)
    several = len(catalog.platform.environments[where].regions) > 1
    if region is None or not several or region.value == default_region(catalog, where):
        return ""
    return f"-{region.value}"


def _application(
    catalog: Catalog, submission: Submission, claimed: Claimed, environment: Value
) -> Value | None:
    """None where it has to be asked: nothing of production gets a name that nobody chose."""
    said = names.slug(submission.answers.get("application", ""))
    if said:
        return Value(said, Origin("answer", "application"))
    if claimed.application is not None:
        return claimed.application
    service = names.slug(submission.service)
    if service:
        return Value(service, Origin("field", "service"))
    file = catalog.types[claimed.type].file
    # A repository called "web" is named by that, where nothing else was said.
    naming = claimed.values.get(file.named_by)
    if naming is not None:
        return Value(names.slug(str(naming.value)), naming.origin)
    # In production a name stays for years, and AWS renames nothing.
    if str(environment.value) in catalog.production and not file.name_optional:
        return None
    return Value(file.fallback_name, Origin("default", f"default of {claimed.type}"))


def _name_question(resource_type: ResourceType) -> Question:
    title = resource_type.file.title
    return Question("application", f"What is the {title} for? Its name is made of that.")


def _environment(
    catalog: Catalog, submission: Submission, claimed: Claimed
) -> tuple[Value, list[str]]:
    """The field wins over an answer and an answer over the text: the later it was said, and the plainer, the more it counts."""
    said = claimed.environment
    chosen = submission.environment
    if chosen:
        notes = []
        if said is not None and said.value != chosen:
            notes.append(
                f"The text says {said.value}; the field says {chosen}. The field was used."
            )
        return Value(chosen, Origin("field", "environment")), notes
    answer = submission.answers.get("environment")
    if answer:
        return Value(answer, Origin("answer", "environment")), []
    if said is not None:
        return said, []
    default = catalog.platform.default_environment
    return Value(default, Origin("default", "default environment")), []


def _missing(resource_type: ResourceType, values: Mapping[str, Value]) -> Iterator[Question]:
    for path, field in resource_type.fields_outside_lists():
        if field.required and path not in values:
            choices = tuple(str(choice) for choice in field.enum)
            recommended = None if field.recommended is None else str(field.recommended)
            yield Question(f"{resource_type.name}.{path}", field.question, choices, recommended)

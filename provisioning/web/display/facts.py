"""Requirements as facts that say where they come from, and the sentence with the words that mattered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.paths import parse_path
from provisioning.domain import SINGLE, Origin, ParameterValue, Requirements, Resource, Value

# The others are words and read as they are ("30 days").
UNITS = {"GB": "GB", "MB": "MB", "percent": "%"}
SOURCES = {
    "text": "your words",
    "field": "form field",
    "answer": "your answer",
    "edit": "you",
    "inferred": "concluded",
}
STYLES = {
    "text": "you",
    "field": "you",
    "answer": "you",
    "edit": "you",
    "inferred": "policy",
    "policy": "policy",
    "default": "",
}
LONGEST_SOURCE = 24


@dataclass(frozen=True, slots=True)
class Fact:
    """`style` is the origin's mark: "you", "policy" or none for a default. `why` is the origin in full."""

    label: str
    value: str
    source: str
    style: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """`asked` is what somebody decided for this request or what a policy changed; `defaults` is what the platform adds."""

    title: str
    type: str
    name: str
    asked: tuple[Fact, ...]
    defaults: tuple[Fact, ...]
    tags: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class MarkedText:
    text: str
    marked: bool = False


def resource_facts(catalog: Catalog, requirements: Requirements) -> tuple[ResourceFacts, ...]:
    return tuple(_facts(catalog, resource) for resource in requirements.resources)


def _facts(catalog: Catalog, resource: Resource) -> ResourceFacts:
    resource_type = catalog.types.get(resource.type)
    title = resource_type.file.title if resource_type else resource.type
    asked = _named(resource)
    defaults: list[Fact] = []
    for path, value in resource.parameters.items():
        if value.value is None:
            continue
        fact = _parameter(resource_type, path, value)
        (defaults if value.origin.kind == "default" else asked).append(fact)
    tags = [fact_of(name, None, value) for name, value in resource.tags.items()]
    return ResourceFacts(
        title=title,
        type=resource.type,
        name=resource.name,
        asked=tuple(asked),
        defaults=tuple(defaults),
        tags=tuple(tags),
    )


def _named(resource: Resource) -> list[Fact]:
    """What a resource is called, where and how often: the first that somebody looks for."""
    application = resource.application
    why = f"Named after: {application.value}"
    facts = [
        Fact("Name", resource.aws_name, "naming rule", why=why),
        fact_of("Environment", None, resource.environment),
    ]
    if resource.count != SINGLE:
        facts.append(fact_of("Of", None, resource.count))
    if application.origin.kind != "default":
        facts.append(fact_of("Named after", None, application))
    return facts


def _parameter(resource_type: ResourceType | None, path: str, value: Value) -> Fact:
    field = resource_type.field(path) if resource_type else None
    return fact_of(label(resource_type, path), field, value)


def label(resource_type: ResourceType | None, path: str) -> str:
    """ "node_groups[1].max_size" → "Node groups 2: Most nodes", by the catalog's titles."""
    field = resource_type.field(path) if resource_type else None
    title = field.title if field else path
    place = parse_path(path)
    if resource_type is None or place is None or place.item is None:
        return title
    # People count from one.
    return f"{resource_type.parameters[place.parameter].title} {place.item + 1}: {title}"


def fact_of(title: str, field: FieldSpec | None, value: Value) -> Fact:
    origin = value.origin
    return Fact(
        title,
        display_value(value.value, field),
        _source(origin),
        STYLES[origin.kind],
        _why(origin),
    )


def _source(origin: Origin) -> str:
    if origin.kind == "default":
        # What fits beside a value; the whole of it is in the mark's title.
        return origin.detail if len(origin.detail) <= LONGEST_SOURCE else "default"
    return SOURCES.get(origin.kind, origin.kind)


def _why(origin: Origin) -> str:
    match origin.kind:
        case "text":
            return f"You wrote “{origin.detail}”"
        case "inferred":
            return f"Concluded from “{origin.detail}”, which does not say it literally"
        case "edit":
            return f"Set in the preview by {origin.detail}"
        case "policy":
            return f"Policy {origin.detail}"
        case "default":
            return origin.detail.capitalize()
        case _:
            return ""


def display_value(value: ParameterValue, field: FieldSpec | None = None) -> str:
    """A value in words: "200 GB", "On", "a, b"."""
    if isinstance(value, bool):
        return "On" if value else "Off"
    if isinstance(value, tuple):
        return ", ".join(value) if value else "None"
    if value in (None, ""):
        return "Not set"
    unit = unit_of(field) if field else ""
    if value == 1:
        unit = unit.removesuffix("s")  # "1 day"
    return f"{value} {unit}".rstrip()


def unit_of(field: FieldSpec) -> str:
    return UNITS.get(field.unit, field.unit)


def echo(text: str, requirements: Requirements) -> tuple[MarkedText, ...]:
    """The request's own sentence, cut where something was read out of it; spans that touch or overlap become one."""
    return tuple(_cut(text, _merged(sorted(_spans(requirements)), len(text))))


def _spans(requirements: Requirements) -> Iterator[tuple[int, int]]:
    for resource in requirements.resources:
        for value in (resource.application, resource.environment, *resource.parameters.values()):
            origin = value.origin
            if origin.kind not in {"text", "inferred"}:
                continue
            if origin.start is not None and origin.end is not None:
                yield origin.start, origin.end


def _merged(spans: Sequence[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if not 0 <= start < end <= length:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[MarkedText]:
    position = 0
    for start, end in spans:
        if start > position:
            yield MarkedText(text[position:start])
        yield MarkedText(text[start:end], marked=True)
        position = end
    if position < len(text):
        yield MarkedText(text[position:])

"""Each value of a preview as the control that changes it, after the catalog's own bounds and choices."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.defaults import default_region
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.values import choices_of
from provisioning.domain import Requirements, Resource, Value, Violation
from provisioning.pipeline.edits import APPLICATION, written
from provisioning.web.display.facts import (
    Fact,
    display_value,
    fact_of,
    label,
    unit_of,
)

# A longer list is typed, with the neighbors to choose from: nobody reads 300 machines, and each costs bytes.
MOST_CHOICES, NEIGHBORS = 60, 15
# Values that stand open; people rarely change what comes later in a type's file.
OPEN = 8


@dataclass(frozen=True, slots=True)
class Control:
    """`kind` is choice, number, switch or text, for which `choices` are suggestions; `said` is what
    it holds; `error` says why it cannot hold that."""

    kind: str
    said: str
    choices: tuple[str, ...] = ()
    minimum: str = ""
    maximum: str = ""
    step: str = "1"
    unit: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Editable:
    """`back` is what the value was before it was edited, with its origin; empty where it was not.
    `wrong` says that a rule forbids it."""

    place: str
    fact: Fact
    control: Control | None = None
    back: str = ""
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class ResourceControls:
    """`first` is what people change, `more` the other values, `platform` what the platform sets."""

    title: str
    type: str
    name: str
    first: tuple[Editable, ...]
    more: tuple[Editable, ...]
    platform: tuple[Editable, ...]


@dataclass(frozen=True)
class Form:
    """What the controls are made of. `refused` are places whose new value is not possible: what was
    typed there, and why."""

    catalog: Catalog
    understood: Requirements
    shown: Requirements
    broken: Sequence[Violation] = ()
    refused: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def resources(self) -> Iterator[ResourceControls]:
        for number, resource in enumerate(self.shown.resources, 1):
            yield self._resource(number, resource)

    def _resource(self, number: int, resource: Resource) -> ResourceControls:
        resource_type = self.catalog.types[resource.type]
        paths = _in_order(resource_type, resource)
        own = tuple(self._value(number, resource, path) for path in paths)
        opened = max(OPEN, 1 + max(_places_of_said(own), default=-1))
        return ResourceControls(
            title=resource_type.file.title,
            type=resource.type,
            name=resource.name,
            first=(*self._head(number, resource), *own[:opened]),
            more=own[opened:],
            platform=tuple(self._platform(resource_type, resource)),
        )

    def _platform(self, resource_type: ResourceType, resource: Resource) -> Iterator[Editable]:
        for path, value in resource.parameters.items():
            if value.value is not None and _is_platforms(resource_type, path):
                yield Editable("", self._fact(resource_type, path, value))
        for name, value in resource.tags.items():
            yield Editable("", fact_of(name, None, value))

    def _head(self, number: int, resource: Resource) -> Iterator[Editable]:
        place = f"{number}.{APPLICATION}"
        control = self._with_refusal(place, Control("text", written(resource.application.value)))
        fact = fact_of("Named after", None, resource.application)
        yield Editable(place, fact, control, self._back(place, resource.application))
        name = Fact("Name", resource.aws_name, "naming rule")
        yield Editable("", name)
        yield Editable("", fact_of("Environment", None, resource.environment))

    def _value(self, number: int, resource: Resource, path: str) -> Editable:
        resource_type = self.catalog.types[resource.type]
        place, value = f"{number}.{path}", resource.parameters[path]
        spec = resource_type.field(path)
        control = None
        if spec is not None and not spec.multiline:
            control = self._with_refusal(place, control_of(self.catalog, spec, resource, value))
        wrong = any(violation.place == place for violation in self.broken)
        fact = self._fact(resource_type, path, value)
        return Editable(place, fact, control, self._back(place, value), wrong)

    def _fact(self, resource_type: ResourceType, path: str, value: Value) -> Fact:
        return fact_of(label(resource_type, path), resource_type.field(path), value)

    def _with_refusal(self, place: str, control: Control) -> Control:
        if place not in self.refused:
            return control
        said, error = self.refused[place]
        if control.kind in {"choice", "switch"}:
            return replace(control, error=error)
        return replace(control, said=said, error=error)

    def _back(self, place: str, value: Value) -> str:
        """ "20 GB (default of dev)"."""
        if value.origin.kind != "edit":
            return ""
        number, _, path = place.partition(".")
        resource = self.understood.resources[int(number) - 1]
        before = resource.application if path == APPLICATION else resource.parameters.get(path)
        if before is None:
            return "not set"
        spec = self.catalog.types[resource.type].field(path)
        source = fact_of("", spec, before).source
        return f"{display_value(before.value, spec)} ({source})"


def control_of(catalog: Catalog, spec: FieldSpec, resource: Resource, value: Value) -> Control:
    said = written(value.value)
    if spec.type == "boolean":
        return Control("switch", said)
    choices = _choices(catalog, spec, resource, said)
    if len(choices) > MOST_CHOICES:
        return Control("text", said, _neighbors(choices, said))
    if choices:
        return Control("choice", said, choices)
    if spec.type in {"integer", "number"}:
        return Control(
            "number",
            said,
            minimum=_bound(spec.minimum),
            maximum=_bound(spec.maximum),
            step=str(spec.multiple_of or 1) if spec.type == "integer" else "any",
            unit=unit_of(spec),
        )
    return Control("text", said)


def _choices(catalog: Catalog, spec: FieldSpec, resource: Resource, said: str) -> tuple[str, ...]:
    """What is there stands among them, even where a rule forbids it."""
    if getattr(spec, "items", None) is not None:
        return ()
    known: dict[str, Any] = {path: one.value for path, one in resource.parameters.items()}
    known = {"region": default_region(catalog), **known}
    offered = [str(choice) for choice in choices_of(catalog, spec, known) or ()]
    if not offered:
        return ()
    return tuple(offered) if said in offered else (said, *offered)


def _neighbors(choices: Sequence[str], said: str) -> tuple[str, ...]:
    here = choices.index(said)
    return tuple(choices[max(0, here - NEIGHBORS) : here + NEIGHBORS + 1])


def _in_order(resource_type: ResourceType, resource: Resource) -> list[str]:
    """As the type's file lists them, then what it shares with other types; values that the platform
    sets are not for changing."""
    names_in_order = [*resource_type.file.parameters, *resource_type.parameters]
    place = {name: names_in_order.index(name) for name in resource_type.parameters}
    changeable = [
        path
        for path, value in resource.parameters.items()
        if value.value is not None and not _is_platforms(resource_type, path)
    ]
    return sorted(changeable, key=lambda path: (place.get(path.partition("[")[0], 0), path))


def _is_platforms(resource_type: ResourceType, path: str) -> bool:
    spec = resource_type.field(path)
    return spec is None or bool(spec.setting)


def _places_of_said(own: Sequence[Editable]) -> Iterator[int]:
    """What somebody said, and what is wrong, never hides in a fold."""
    for index, one in enumerate(own):
        if one.fact.style or one.wrong or (one.control and one.control.error):
            yield index


def _bound(bound: float | None) -> str:
    return "" if bound is None else f"{bound:.15g}"

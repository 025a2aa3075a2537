"""What somebody changed in a preview: values in the place of those that were read, with the defaults settled anew.

An edit goes by its place, "<number of the resource>.<path of the parameter>"; the first resource is 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from provisioning.catalog import Catalog, ResourceType, names
from provisioning.catalog.defaults import default_region
from provisioning.catalog.settle import settle
from provisioning.domain import (
    Origin,
    ParameterValue,
    Requirements,
    Resource,
    Submission,
    Value,
)
from provisioning.errors import InvalidInputError
from provisioning.pipeline.complete import Planned, resources_of
from provisioning.pipeline.screen import screen_value

APPLICATION = "application"
Edits = Mapping[str, str]


def edited(
    catalog: Catalog, submission: Submission, understood: Requirements, edits: Edits
) -> Requirements:
    """Raises `InvalidInputError` that names the place of an edit which is not possible. Bounds and
    policies between several values are seen afterwards, by `policy.apply`."""
    if not edits:
        return understood
    editing = _Editing(catalog, submission.requester)
    planned = [
        editing.planned(number, resource, edits)
        for number, resource in enumerate(understood.resources, 1)
    ]
    resources = resources_of(catalog, submission, planned)
    # The old sentence would still tell the values that the edits replace.
    return replace(understood, resources=resources, sentence="")


def written(value: ParameterValue) -> str:
    """As a control holds it; the same words settle to the value again."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def values_at(requirements: Requirements) -> Iterator[tuple[str, Value]]:
    """Each place that may be edited, and what stands there."""
    for number, resource in enumerate(requirements.resources, 1):
        yield f"{number}.{APPLICATION}", resource.application
        for path, value in resource.parameters.items():
            yield f"{number}.{path}", value


@dataclass(frozen=True, slots=True)
class _Editing:
    catalog: Catalog
    who: str

    def planned(self, number: int, resource: Resource, edits: Edits) -> Planned:
        resource_type = self.catalog.types[resource.type]
        own = dict(_of_resource(number, edits))
        application = resource.application
        if APPLICATION in own:
            application = self._name(f"{number}.{APPLICATION}", own.pop(APPLICATION))
        # Defaults are filled in anew: some depend on what an edit has changed.
        values = {
            path: value
            for path, value in resource.parameters.items()
            if value.origin.kind != "default"
        }
        known = {path: value.value for path, value in resource.parameters.items()}
        for path in _in_order(resource_type, own):
            value = self._value(resource_type, number, path, own[path], known)
            known[path] = value.value
            values[path] = value
        return Planned(resource_type, resource.environment, application, values, resource.count)

    def _value(
        self,
        resource_type: ResourceType,
        number: int,
        path: str,
        said: str,
        known: Mapping[str, ParameterValue],
    ) -> Value:
        place = f"{number}.{path}"
        field = resource_type.field(path)
        if field is None:
            raise InvalidInputError(place, f"There is no value {path[:60]!r} to change.")
        others = {"region": default_region(self.catalog), **known}
        settled = settle(self.catalog, place, field, screen_value(place, said), others)
        return Value(settled, Origin("edit", self.who))

    def _name(self, place: str, said: str) -> Value:
        slug = names.slug(said)
        if not slug:
            raise InvalidInputError(place, "Say in Latin letters or digits what it is for.")
        return Value(slug, Origin("edit", self.who))


def _of_resource(number: int, edits: Edits) -> Iterator[tuple[str, str]]:
    for place, said in edits.items():
        of, _, path = place.partition(".")
        if of == str(number):
            yield path, said


def _in_order(resource_type: ResourceType, own: Edits) -> list[str]:
    """What a list of allowed values depends on comes before the values that are looked up in it."""

    def depends(path: str) -> bool:
        field = resource_type.field(path)
        return field is not None and "{" in field.allowed

    return sorted(own, key=depends)

"""Every rendering of a type that differs in more than values: the product of its structure choices in each environment."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.catalog import Catalog, ResourceType, names
from provisioning.catalog.consistency import structure_choices
from provisioning.catalog.defaults import defaults_of
from provisioning.catalog.format import Example
from provisioning.domain import Origin, RenderedResource, Requirements, Resource, Value
from provisioning.errors import ClarificationNeededError, InvalidInputError, PolicyViolationError
from provisioning.pipeline import policy
from provisioning.pipeline.render import render

APPLICATION = "example"


@dataclass(frozen=True, slots=True)
class Variants:
    """`unreachable` are choices that a policy or a relation refuses, each with its sentence."""

    rendered: tuple[RenderedResource, ...]
    unreachable: int


def variants(catalog: Catalog, resource_type: ResourceType) -> Variants:
    rendered = []
    unreachable = 0
    for environment, chosen in choices(catalog, resource_type):
        one = _reached(catalog, resource_type, environment, chosen)
        if one is None:
            unreachable += 1
        else:
            rendered.append(one)
    return Variants(tuple(rendered), unreachable)


def _reached(
    catalog: Catalog, resource_type: ResourceType, environment: str, chosen: Mapping[str, Any]
) -> RenderedResource | None:
    """As it is, or with what one of the type's examples states besides: a choice may want another value beside it."""
    examples = [as_stated(example) for example in resource_type.file.examples]
    for stated in [{}, *examples]:
        try:
            resource = example_resource(catalog, resource_type, environment, {**stated, **chosen})
            return render(catalog, resource)
        except (ClarificationNeededError, PolicyViolationError, InvalidInputError):
            continue
    return None


def as_stated(example: Example) -> dict[str, Any]:
    """The example's parameters as a request would hold them; TOML has lists where the portal has tuples."""
    stated: dict[str, Any] = {}
    for path, value in example.parameters.items():
        stated[path] = tuple(value) if isinstance(value, list) else value
    return stated


def choices(catalog: Catalog, resource_type: ResourceType) -> Iterator[tuple[str, dict[str, Any]]]:
    structure = resource_type.structure
    values = [structure_choices(catalog, parameter) for parameter in structure.values()]
    # Environments too: templates may decide by them, and defaults differ.
    for environment, chosen in itertools.product(catalog.environments, itertools.product(*values)):
        yield environment, dict(zip(structure, chosen, strict=True))


def example_resource(
    catalog: Catalog, resource_type: ResourceType, environment: str, stated: Mapping[str, Any]
) -> Resource:
    """As if somebody had asked for `stated` and nothing else. Required parameters that are not stated come from the type's
    examples. Raises `PolicyViolationError` where that may not be asked for."""
    given = _required(resource_type) | dict(stated)
    defaults = defaults_of(catalog, resource_type, environment, given)
    parameters = {path: Value(value, Origin("field", path)) for path, value in given.items()}
    parameters |= {
        path: Value(value, Origin("default", detail)) for path, (value, detail) in defaults.items()
    }
    name = names.resource_name(resource_type, APPLICATION)
    resource = Resource(
        type=resource_type.name,
        application=Value(APPLICATION, Origin("field", "application")),
        name=name,
        aws_name=names.aws_name(catalog, resource_type, environment, name),
        environment=Value(environment, Origin("field", "environment")),
        parameters=parameters,
        tags={
            tag: Value(tag.lower(), Origin("default", "certificate"))
            for tag in catalog.platform.tags
        },
    )
    return policy.apply(catalog, Requirements((resource,), "certificate")).resources[0]


def _required(resource_type: ResourceType) -> dict[str, Any]:
    stated: dict[str, Any] = {}
    examples = [as_stated(example) for example in resource_type.file.examples]
    for path, field in resource_type.fields_outside_lists():
        if not field.required:
            continue
        stated[path] = field.recommended
        for example in reversed(examples):  # the first one that says it counts
            stated[path] = example.get(path, stated[path])
    return stated

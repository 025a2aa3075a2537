"""Settled requirements in one sentence of the platform's own words."""

from provisioning.catalog import Catalog
from provisioning.domain import Requirements, Resource

STATED = frozenset({"text", "inferred", "answer", "field"})


def sentence(catalog: Catalog, requirements: Requirements) -> str:
    return "; ".join(_resource(catalog, resource) for resource in requirements.resources) + "."


def _resource(catalog: Catalog, resource: Resource) -> str:
    resource_type = catalog.types[resource.type]
    environment = catalog.platform.environments[str(resource.environment.value)].title
    values = [
        f"{field.title} {value.value}"
        for path, value in resource.parameters.items()
        if value.origin.kind in STATED and (field := resource_type.field(path))
    ]
    named = f"{environment} {resource_type.file.title} {resource.name!r}"
    return ", ".join([named, *values])

"""All examples in one tree, as a team's own scan of the repository sees them: some rules look across directories."""

from collections.abc import Iterator
from pathlib import Path

from provisioning.catalog import Catalog, ResourceType
from provisioning.certify import checkov
from provisioning.certify.variants import as_stated, example_resource
from provisioning.domain import RenderedResource
from provisioning.pipeline.render import render


def scanned(catalog: Catalog, binary: str, folder: Path) -> checkov.Scan:
    """With the comments of the opt-outs in place, so each finding is one that the team would get."""
    return checkov.scan(binary, folder, list(examples(catalog)))


def examples(catalog: Catalog) -> Iterator[RenderedResource]:
    """Each type's examples, and what each environment gets by default."""
    for resource_type in catalog.types.values():
        yield from _of_type(catalog, resource_type)


def _of_type(catalog: Catalog, resource_type: ResourceType) -> Iterator[RenderedResource]:
    for environment in catalog.environments:
        yield render(catalog, example_resource(catalog, resource_type, environment, {}))
    for example in resource_type.file.examples:
        environment = example.environment or catalog.platform.default_environment
        asked = example_resource(catalog, resource_type, environment, as_stated(example))
        yield render(catalog, asked)

"""Requirements → files. Deterministic: same requirements, same bytes.

The `.tf` files come from the template and its structure choices alone; every value lies in `terraform.tfvars.json`, which
Terraform takes literally (https://developer.hashicorp.com/terraform/language/values/variables). The one exception is the
state's key in `backend.tf`, where Terraform allows no variable; it is made of checked identifiers.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from provisioning.catalog import Catalog, ResourceType, names
from provisioning.catalog.defaults import assemble
from provisioning.domain import RenderedResource, Resource, Scalar
from provisioning.errors import CatalogError
from provisioning.hcl.literals import UnfilteredOutputError, literal, only_literals
from provisioning.pipeline.opt_outs import with_comments
from provisioning.pipeline.variables import variables_tf

TFVARS = "terraform.tfvars.json"
Structure = tuple[tuple[str, Scalar | None], ...]
_VARIABLE = re.compile(r"\bvar\.([a-z][a-z0-9_]*)")


def render(catalog: Catalog, resource: Resource) -> RenderedResource:
    resource_type = catalog.types[resource.type]
    environment = str(resource.environment.value)
    directory = names.directory(catalog, resource.type, environment, resource.name)
    leaves = {path: value.value for path, value in resource.parameters.items()}
    values = assemble(resource_type, leaves)
    chosen = [(name, values[name]) for name in resource_type.structure]
    structure: Structure = (("environment", environment), *chosen)
    written = terraform_files(catalog, resource_type, structure)
    values |= _as_lines(resource_type, values)
    values["name"] = resource.aws_name
    values["tags"] = {name: tag.value for name, tag in resource.tags.items()}
    # Terraform warns of a value that no variable takes, so only those that the template uses are written.
    used = {name: values[name] for name in sorted(used_variables(written))}
    files = dict(written)
    files["backend.tf"] = _backend(catalog, environment, directory)
    files[TFVARS] = _tfvars(used)
    return RenderedResource(
        resource.type,
        resource.name,
        directory,
        dict(sorted(files.items())),
        dict(structure),
        resource_type.digest,
    )


def _as_lines(resource_type: ResourceType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Text of several lines stands in the values as its lines: a reviewer reads a script so, and no control character."""
    parted = {}
    for name, parameter in resource_type.parameters.items():
        if parameter.multiline and values[name] is not None:
            parted[name] = values[name].split("\n")
    return parted


def reference(catalog: Catalog, rendered: RenderedResource) -> RenderedResource:
    """What the template writes for the same structure choices when nobody asked for anything: no values, a neutral state key."""
    resource_type = catalog.types[rendered.type]
    environment = str(rendered.structure["environment"])
    files = dict(terraform_files(catalog, resource_type, tuple(rendered.structure.items())))
    files |= {"backend.tf": _backend(catalog, environment, "reference"), TFVARS: "{}\n"}
    return replace(rendered, files=files)


# Certify renders each variant of a type several times over; the portal needs the same few again and again.
@lru_cache(maxsize=4096)
def terraform_files(
    catalog: Catalog, resource_type: ResourceType, structure: Structure
) -> Mapping[str, str]:
    """Everything but the backend and the values: a function of the template and its structure choices, nothing else."""
    files = {}
    for name in resource_type.templates:
        printed = _resources(resource_type, name, dict(structure))
        if printed.strip():
            files[name] = printed
    versions = {
        "terraform_version": catalog.platform.terraform_version,
        "provider_version": catalog.platform.provider_version,
    }
    providers = catalog.common_templates["providers.tf"]
    files["providers.tf"] = _print("_common/providers.tf", providers, versions)
    # Last, for it declares what the other files use.
    files["variables.tf"] = variables_tf(resource_type.parameters, used_variables(files))
    return files


def _resources(resource_type: ResourceType, name: str, structure: Mapping[str, Any]) -> str:
    printed = _print(f"{resource_type.name}/{name}", resource_type.templates[name], structure)
    opt_outs = resource_type.file.opt_outs
    return with_comments(printed, opt_outs, str(structure["environment"]))


def used_variables(files: Mapping[str, str]) -> set[str]:
    used: set[str] = set()
    for file, text in files.items():
        if file.endswith(".tf"):
            used.update(_VARIABLE.findall(text))
    return used


def _backend(catalog: Catalog, environment: str, directory: str) -> str:
    state = catalog.platform.state_of(environment)
    key = f"{state.prefix}{directory}/terraform.tfstate"
    places = {"state_bucket": state.bucket, "state_region": state.region, "state_key": key}
    return _print("_common/backend.tf", catalog.common_templates["backend.tf"], places)


def _tfvars(values: Mapping[str, Any]) -> str:
    return json.dumps(values, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _jinja() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        finalize=only_literals,
        # Autoescape is for HTML. `finalize` is what keeps a text from becoming Terraform: it raises for
        # everything that did not go through `| hcl`.
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # Replaced, not extended: Jinja's own filters and globals (`range`, `format`) are one more way to a text.
    environment.filters = {"hcl": literal}
    environment.globals = {}
    return environment


_JINJA = _jinja()


@lru_cache(maxsize=1024)
def _template(text: str) -> Any:
    return _JINJA.from_string(text)


def _print(name: str, text: str, context: Mapping[str, Any]) -> str:
    try:
        return str(_template(text).render(context))
    except (TemplateError, UnfilteredOutputError, TypeError) as error:
        raise CatalogError(f"{name}.j2: {error}") from error

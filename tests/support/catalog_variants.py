"""Every structure variant of a resource type that a requester can reach, and Terraform over many of them at once."""

import itertools
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from infrallm_portal.provider_mirror import find_provider_mirror
from provisioning.catalog import Catalog, ResourceType, names
from provisioning.catalog.consistency import structure_choices
from provisioning.catalog.defaults import defaults_of
from provisioning.domain import Origin, RenderedResource, Requirements, Resource, Value
from provisioning.errors import ClarificationNeededError, PolicyViolationError
from provisioning.pipeline import policy
from provisioning.pipeline.render import TFVARS, render

APPLICATION = "example"
FAKE_ACCOUNT = """\
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}
"""


def example_resource(
    catalog: Catalog, resource_type: ResourceType, environment: str, stated: Mapping[str, Any]
) -> Resource:
    """What the pipeline settles for these stated values. Required parameters that are not stated come from the examples."""
    given = {**required(resource_type), **stated}
    defaults = defaults_of(catalog, resource_type, environment, given)
    parameters = {path: Value(value, Origin("field", path)) for path, value in given.items()}
    parameters |= {
        path: Value(value, Origin("default", detail)) for path, (value, detail) in defaults.items()
    }
    name = names.resource_name(resource_type, APPLICATION)
    tags = {"Environment": environment, "Application": APPLICATION, "ManagedBy": "infrallm-portal"}
    resource = Resource(
        type=resource_type.name,
        application=Value(APPLICATION, Origin("field", "application")),
        name=name,
        aws_name=names.aws_name(catalog, resource_type, environment, name),
        environment=Value(environment, Origin("field", "environment")),
        parameters=parameters,
        tags={tag: Value(value, Origin("policy", "required tags")) for tag, value in tags.items()},
    )
    [kept] = policy.apply(catalog, Requirements((resource,), "test")).resources
    return kept


def required(resource_type: ResourceType) -> dict[str, Any]:
    stated: dict[str, Any] = {}
    for path, field in resource_type.fields():
        if field.required and "[]" not in path:
            examples = (example.parameters.get(path) for example in resource_type.file.examples)
            found = next((value for value in examples if value is not None), field.recommended)
            stated[path] = tuple(found) if isinstance(found, list) else found
    return stated


def variants(catalog: Catalog, resource_type: ResourceType) -> Iterator[Resource]:
    """The product of all structure choices in each environment, less what a policy refuses."""
    structure = resource_type.structure
    choices = [structure_choices(catalog, parameter) for parameter in structure.values()]
    for environment, chosen in itertools.product(catalog.environments, itertools.product(*choices)):
        try:
            yield example_resource(
                catalog, resource_type, environment, dict(zip(structure, chosen, strict=True))
            )
        except (ClarificationNeededError, PolicyViolationError):
            continue


def rendered_variants(catalog: Catalog, resource_type: ResourceType) -> list[RenderedResource]:
    found: dict[str, RenderedResource] = {}
    for resource in variants(catalog, resource_type):
        rendered = render(catalog, resource)
        found.setdefault(json.dumps(dict(rendered.files)), rendered)
    return list(found.values())


def write_batch(folder: Path, renderings: Sequence[RenderedResource]) -> None:
    """One root module with a child per rendering: the provider, which is what takes the time, starts once."""
    modules = {}
    for number, rendered in enumerate(renderings):
        child = folder / f"m{number}"
        child.mkdir()
        for name, text in rendered.files.items():
            if name not in {"providers.tf", "backend.tf", TFVARS}:
                (child / name).write_text(text, encoding="utf-8")
        declared = child.joinpath("variables.tf").read_text(encoding="utf-8")
        values = json.loads(rendered.files[TFVARS])
        used = {key: value for key, value in values.items() if f'variable "{key}"' in declared}
        modules[f"m{number}"] = {"source": f"./m{number}", **_literal(used)}
        (child / "terraform.tf").write_text(
            _providers_only(rendered.files["providers.tf"]), encoding="utf-8"
        )
    (folder / "main.tf.json").write_text(json.dumps({"module": modules}), encoding="utf-8")
    (folder / "provider.tf").write_text(FAKE_ACCOUNT, encoding="utf-8")


def _providers_only(providers_tf: str) -> str:
    return providers_tf.partition('\nprovider "aws"')[0]


def _literal(value: Any) -> Any:
    """Strings in Terraform's JSON are templates."""
    if isinstance(value, dict):
        return {key: _literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_literal(item) for item in value]
    return value.replace("${", "$${").replace("%{", "%%{") if isinstance(value, str) else value


def terraform(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    mirror = find_provider_mirror()
    installation = f'filesystem_mirror {{\n path = "{mirror}"\n }}' if mirror else "direct {}"
    settings = folder / "terraform.rc"
    settings.write_text(f"provider_installation {{\n {installation}\n}}\n", encoding="utf-8")
    return subprocess.run(
        [shutil.which("terraform") or "terraform", *arguments],
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "TF_CLI_CONFIG_FILE": str(settings),
            "CHECKPOINT_DISABLE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )

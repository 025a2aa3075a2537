"""Many renderings in one run of terraform: a root module with a child for each, because starting the provider is what costs.

Children lose their provider block, or Terraform would start a provider for each; `prove` therefore also plans a few renderings
as they are.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning.adapters.bounded import Limits, run
from provisioning.adapters.terraform import OVERRIDE, why_not_planned
from provisioning.adapters.terraform_output import diagnostics, plan_of
from provisioning.adapters.terraform_providers import LOCK_FILE, Installation
from provisioning.domain import RenderedResource
from provisioning.pipeline.check import TFVARS, read_tfvars

SIZE = 120  # starting the provider costs as much as planning a hundred
# The provider's schema is most of what it allocates; collecting it again and again costs half of the processor's time.
LESS_COLLECTING = {"GOGC": "400"}
LIMITS = Limits(seconds=900.0, memory_mb=4096)
ACCOUNT = OVERRIDE.replace("{\n", '{\n  region                      = "us-east-1"\n', 1)


@dataclass(frozen=True, slots=True)
class BatchResult:
    """`problems` are Terraform's errors and warnings, each with the rendering's structure; `added` the resources of each plan,
    empty where AWS would have to be asked."""

    problems: tuple[str, ...]
    added: tuple[int, ...]


def misformatted(
    installation: Installation, folder: Path, renderings: Sequence[RenderedResource]
) -> list[str]:
    """Which files are not in `terraform fmt`'s canonical form."""
    for number, rendered in enumerate(renderings):
        (folder / f"m{number}").mkdir(parents=True)
        for name, text in rendered.files.items():
            (folder / f"m{number}" / name).write_text(text, encoding="utf-8")
    command = [installation.binary, "fmt", "-check", "-recursive", "-no-color"]
    done = run(command, folder, {**installation.environment(folder), **LESS_COLLECTING}, LIMITS)
    return [
        f"{_where(renderings, line)}: not in canonical form" for line in done.out.splitlines()
    ] or ([done.err.strip()] if done.code else [])


def planned(
    installation: Installation, folder: Path, renderings: Sequence[RenderedResource]
) -> BatchResult:
    folder.mkdir()
    _write(folder, renderings, installation)
    asks_aws = any(map(why_not_planned, renderings))
    step = (
        ["validate", "-json"]
        if asks_aws
        else ["plan", "-json", "-refresh=false", "-lock=false", "-input=false"]
    )
    done = run(
        [installation.binary, *step, "-no-color"],
        folder,
        {**installation.environment(folder), **LESS_COLLECTING},
        LIMITS,
    )
    problems = [
        f"{_where(renderings, _module(found))}: {_said(found)}" for found in diagnostics(done.out)
    ]
    if done.code and not problems:
        problems = [" ".join((done.err or done.out).split())[:600]]
    plan = plan_of(done.out) if not asks_aws else None
    added = [0] * len(renderings)
    for address in plan.resources if plan else ():
        added[int(address.split(".")[1].removeprefix("m"))] += 1
    return BatchResult(tuple(dict.fromkeys(problems)), tuple(added) if plan else ())


def batches(renderings: Sequence[RenderedResource]) -> Iterator[Sequence[RenderedResource]]:
    for start in range(0, len(renderings), SIZE):
        yield renderings[start : start + SIZE]


def _write(
    folder: Path, renderings: Sequence[RenderedResource], installation: Installation
) -> None:
    modules: dict[str, Any] = {}
    for number, rendered in enumerate(renderings):
        name = f"m{number}"
        (folder / name).mkdir()
        for file, text in rendered.files.items():
            if file not in {"providers.tf", "backend.tf", TFVARS}:
                (folder / name / file).write_text(text, encoding="utf-8")
        used = {
            key: value
            for key, value in _values(rendered).items()
            if f'variable "{key}"' in rendered.files["variables.tf"]
        }
        modules[name] = {"source": f"./{name}", **used}
    required = renderings[0].files["providers.tf"].partition('\nprovider "aws"')[0]
    (folder / "providers.tf").write_text(f"{required}\n{ACCOUNT}", encoding="utf-8")
    (folder / "modules.tf.json").write_text(json.dumps({"module": modules}), encoding="utf-8")
    initialized = installation.initialized(required)
    shutil.copytree(initialized / ".terraform", folder / ".terraform", symlinks=True)
    shutil.copy(initialized / LOCK_FILE, folder)
    listed = [{"Key": "", "Source": "", "Dir": "."}]
    listed += [{"Key": name, "Source": f"./{name}", "Dir": name} for name in modules]
    (folder / ".terraform" / "modules").mkdir()
    (folder / ".terraform" / "modules" / "modules.json").write_text(
        json.dumps({"Modules": listed}), encoding="utf-8"
    )


def _values(rendered: RenderedResource) -> Mapping[str, Any]:
    values: Mapping[str, Any] = _escaped(read_tfvars(rendered.files[TFVARS]))
    return values


def _escaped(value: Any) -> Any:
    """Strings in Terraform's JSON syntax are templates, other than those in a file of values."""
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return value.replace("${", "$${").replace("%{", "%%{") if isinstance(value, str) else value


def _module(found: Mapping[str, Any]) -> str:
    address = found.get("address") or ""
    return (
        address.split(".")[1]
        if address.startswith("module.")
        else (found.get("range") or {}).get("filename", "")
    )


def _where(renderings: Sequence[RenderedResource], path: str) -> str:
    """ "m3/main.tf" → the third rendering's structure choices and the file."""
    folder, _, file = path.partition("/")
    number = folder.removeprefix("m")
    if not number.isdigit():
        return path
    chosen = ", ".join(
        f"{name} {value}" for name, value in renderings[int(number)].structure.items()
    )
    return f"{file or 'plan'} ({chosen})"


def _said(found: Mapping[str, Any]) -> str:
    return f"{found['severity']}: {' '.join(': '.join(filter(None, (found['summary'], found['detail']))).split())[:400]}"

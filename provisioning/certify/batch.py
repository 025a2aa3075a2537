"""Many renderings in one run of terraform: a root module with a child for each, because starting the provider is what costs.

Children lose their provider block, or Terraform would start a provider for each; `prove` therefore also plans a few renderings
as they are.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioning.adapters.bounded import Finished, Limits, run
from provisioning.adapters.offline import OVERRIDE_FILE, left_out
from provisioning.adapters.terraform import OVERRIDE, why_not_planned
from provisioning.adapters.terraform_output import diagnostics, plan_of
from provisioning.adapters.terraform_providers import LOCK_FILE, Installation
from provisioning.domain import RenderedResource, TerraformPlan
from provisioning.pipeline.check import TFVARS, read_tfvars

SIZE = 120  # starting the provider costs as much as planning a hundred
# The provider's schema is most of what it allocates; collecting it again and again costs half of the processor's time.
LESS_COLLECTING = {"GOGC": "400"}
LIMITS = Limits(seconds=900.0, memory_mb=4096)
ACCOUNT = OVERRIDE.replace("{\n", '{\n  region                      = "us-east-1"\n', 1)
VALIDATE = ("validate", "-json")
PLAN = ("plan", "-json", "-refresh=false", "-lock=false", "-input=false")
# Files of a rendering that only a root module may have.
OF_THE_ROOT = frozenset({"providers.tf", "backend.tf", TFVARS})
# In characters; a certificate is read by people.
LONGEST_ERROR = 600
LONGEST_DETAIL = 400


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
        module = folder / f"m{number}"
        module.mkdir(parents=True)
        _write_files(module, rendered.files)
    command = [installation.binary, "fmt", "-check", "-recursive", "-no-color"]
    done = _run(installation, command, folder)
    found = [f"{_where(renderings, line)}: not in canonical form" for line in done.out.splitlines()]
    # Without a file named it is fmt itself that failed.
    if not found and done.code:
        return [done.err.strip()]
    return found


def _run(installation: Installation, command: Sequence[str], folder: Path) -> Finished:
    environment = {**installation.environment(folder), **LESS_COLLECTING}
    return run(list(command), folder, environment, LIMITS)


def _write_files(folder: Path, files: Mapping[str, str], without: Set[str] = frozenset()) -> None:
    for name, text in files.items():
        if name not in without:
            (folder / name).write_text(text, encoding="utf-8")


def planned(
    installation: Installation, folder: Path, renderings: Sequence[RenderedResource]
) -> BatchResult:
    folder.mkdir()
    _write(folder, renderings, installation)
    # All or nothing: one rendering that asks AWS ends the plan of the whole batch.
    asks_aws = any(map(why_not_planned, renderings))
    # A plan of what asks AWS would need credentials; validation is what can be had without.
    step = VALIDATE if asks_aws else PLAN
    done = _run(installation, [installation.binary, *step, "-no-color"], folder)
    problems = []
    for found in diagnostics(done.out):
        problems.append(f"{_where(renderings, _module(found))}: {_said(found)}")
    if done.code and not problems:
        problems = [" ".join((done.err or done.out).split())[:LONGEST_ERROR]]
    plan = None if asks_aws else plan_of(done.out)
    added = _added(plan, len(renderings)) if plan else ()
    return BatchResult(tuple(dict.fromkeys(problems)), added)


def _added(plan: TerraformPlan, renderings: int) -> tuple[int, ...]:
    added = [0] * renderings
    for address in plan.resources:  # "module.m3.aws_sqs_queue.this"
        _, module, *_ = address.split(".")
        added[int(module.removeprefix("m"))] += 1
    return tuple(added)


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
        _write_files(folder / name, rendered.files, without=OF_THE_ROOT)
        asking = left_out(rendered.files.values())
        if asking:
            (folder / name / OVERRIDE_FILE).write_text(asking, encoding="utf-8")
        modules[name] = {"source": f"./{name}", **_used_values(rendered)}
    # What the renderings require is the same for all; their provider block goes, see above.
    required = renderings[0].files["providers.tf"].partition('\nprovider "aws"')[0]
    root = {
        "providers.tf": f"{required}\n{ACCOUNT}",
        "modules.tf.json": json.dumps({"module": modules}),
    }
    _write_files(folder, root)
    initialized = installation.initialized(required)
    shutil.copytree(initialized / ".terraform", folder / ".terraform", symlinks=True)
    shutil.copy(initialized / LOCK_FILE, folder)
    # What `terraform init` would write of local modules, without running it once more.
    listed = [{"Key": "", "Source": "", "Dir": "."}]
    listed += [{"Key": name, "Source": f"./{name}", "Dir": name} for name in modules]
    known = folder / ".terraform" / "modules"
    known.mkdir()
    _write_files(known, {"modules.json": json.dumps({"Modules": listed})})


def _used_values(rendered: RenderedResource) -> dict[str, Any]:
    """A module refuses an argument that it has no variable for."""
    declared = rendered.files["variables.tf"]
    used = {}
    for name, value in read_tfvars(rendered.files[TFVARS]).items():
        if f'variable "{name}"' in declared:
            used[name] = _escaped(value)
    return used


def _escaped(value: Any) -> Any:
    """Strings in Terraform's JSON syntax are templates, other than those in a file of values."""
    if isinstance(value, dict):
        return {key: _escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_escaped(item) for item in value]
    return value.replace("${", "$${").replace("%{", "%%{") if isinstance(value, str) else value


def _module(found: Mapping[str, Any]) -> str:
    """Where a diagnostic belongs: by its resource's address, or by the file that it names."""
    address = str(found.get("address") or "")
    if address.startswith("module."):
        return address.split(".")[1]
    place = found.get("range") or {}
    return str(place.get("filename", ""))


def _where(renderings: Sequence[RenderedResource], path: str) -> str:
    """ "m3/main.tf" → the third rendering's structure choices and the file."""
    folder, _, file = path.partition("/")
    number = folder.removeprefix("m")
    if not number.isdigit():
        return path
    structure = renderings[int(number)].structure
    chosen = ", ".join(f"{name} {value}" for name, value in structure.items())
    return f"{file or 'plan'} ({chosen})"


def _said(found: Mapping[str, Any]) -> str:
    parts = [part for part in (found["summary"], found["detail"]) if part]
    words = " ".join(": ".join(parts).split())
    return f"{found['severity']}: {words[:LONGEST_DETAIL]}"

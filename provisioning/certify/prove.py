"""From a resource type to its certificate: every rendering that its structure allows, through every tool there is."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from provisioning.adapters.hcl_check import HclCheck
from provisioning.adapters.terraform import Terraform, why_not_planned
from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.certificate import Certificate, Step, code_digest
from provisioning.catalog.inputs import inputs
from provisioning.certify import batch, checkov, exceptions, provider_schema
from provisioning.certify.emulator import Emulator, applied
from provisioning.certify.values import every_value
from provisioning.certify.variants import example_resource, variants
from provisioning.domain import RenderedResource
from provisioning.errors import CheckFailedError
from provisioning.pipeline.check import check_closed
from provisioning.pipeline.opt_outs import without_comments
from provisioning.pipeline.render import reference, render

# The first ones show what is wrong; a slip in a template is in all variants.
SHOWN = 6
WORDS = {True: "proved", False: "FAILED", None: "not proved"}


@dataclass(frozen=True, slots=True)
class Tools:
    """What is missing proves nothing, which the certificate says."""

    terraform: Terraform | None = None
    checkov: str = ""
    emulator: Emulator | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """`versions` is filled in by the steps."""

    catalog: Catalog
    type: ResourceType
    rendered: Sequence[RenderedResource]
    tools: Tools
    versions: dict[str, str] = field(default_factory=dict)


def prove(
    catalog: Catalog, resource_type: ResourceType, tools: Tools, say: Callable[[str], None]
) -> Certificate:
    """What a template does wrong is a step that did not pass. Raises when a tool does not do its part."""
    found = variants(catalog, resource_type)
    subject = Subject(catalog, resource_type, found.rendered, tools)
    steps = []
    for name, make in STEPS.items():
        passed, detail = make(subject)
        steps.append(Step(name, passed, detail))
        say(f"  {WORDS[passed]:10} {name}: {detail}")
    return Certificate(
        type=resource_type.name,
        template_digest=resource_type.digest,
        made=date.today(),
        versions=dict(sorted(subject.versions.items())),
        inputs=inputs(catalog, resource_type),
        variants=len(found.rendered),
        unreachable=found.unreachable,
        steps=tuple(steps),
        opt_outs={
            opt_out.rule: _reason(opt_out.reason, opt_out.environments)
            for opt_out in resource_type.file.opt_outs
        },
        code=tuple(sorted({code_digest(rendered.files) for rendered in found.rendered})),
    )


Proof = tuple[bool | None, str]


def _in_process(subject: Subject) -> Proof:
    try:
        for rendered in subject.rendered:
            check_closed(rendered, reference(subject.catalog, rendered))
        HclCheck().check(subject.rendered)
    except CheckFailedError as error:
        return False, error.message
    return (
        True,
        f"{len(subject.rendered)} renderings have the template's structure, known blocks and declared references.",
    )


def _formatted(subject: Subject) -> Proof:
    if subject.tools.terraform is None:
        return None, "No terraform program was given."
    with _folder() as folder:
        wrong = batch.misformatted(
            subject.tools.terraform.installation, Path(folder), _once_each(subject.rendered)
        )
    return _outcome(wrong, f"{len(subject.rendered)} renderings are in canonical form.")


def _planned(subject: Subject) -> Proof:
    """Validation is the first part of a plan."""
    if subject.tools.terraform is None:
        return None, "No terraform program was given."
    result = _plan_problems(subject.tools.terraform, _once_each(subject.rendered))
    wrong, added = result.problems, result.added
    why = why_not_planned(subject.rendered[0])
    if why and not wrong:
        return None, f"Validated, but not planned: {why}."
    return _outcome(
        wrong,
        f"{len(added)} kinds of code validate and plan offline without a warning: {_range(added)} to add.",
    )


def _as_written(subject: Subject) -> Proof:
    """One rendering per environment with its own provider block and default tags, through the check that requests get."""
    terraform = subject.tools.terraform
    if terraform is None:
        return None, "No terraform program was given."
    first: dict[object, RenderedResource] = {}
    for rendered in subject.rendered:
        # One is enough: batches have planned all others, without their provider block.
        first.setdefault(rendered.structure["environment"], rendered)
    try:
        report = terraform.check(list(first.values()))
    except CheckFailedError as error:
        return False, error.message
    subject.versions["terraform"] = terraform.health().detail.removeprefix("Terraform ")
    subject.versions["provider hashicorp/aws"] = terraform.installation.provider_version(
        subject.rendered[0].files["providers.tf"]
    )
    skipped = [check.detail for check in report.checks if check.passed is None]
    return (
        (None, " ".join(skipped))
        if skipped
        else (True, f"As they are in a pull request: {', '.join(map(str, first))}.")
    )


def _attributes(subject: Subject) -> Proof:
    schema = provider_schema.load(subject.catalog.folders)
    subject.versions["attributes of provider hashicorp/aws"] = schema.provider
    code = _once_each(subject.rendered)
    wrong = {
        problem for rendered in code for problem in provider_schema.problems(rendered.files, schema)
    }
    kinds = set[str]().union(*(provider_schema.types_in(rendered.files) for rendered in code))
    return _outcome(
        sorted(wrong),
        f"{len(kinds)} kinds of resource use only what provider {schema.provider} knows.",
    )


def _scanned(subject: Subject) -> Proof:
    if not subject.tools.checkov:
        return None, "No checkov program was given."
    with _folder() as folder:
        bare = [_without_opt_outs(rendered) for rendered in _in_each_environment(subject.rendered)]
        scan = checkov.scan(subject.tools.checkov, Path(folder), bare)
    subject.versions["checkov"] = scan.version
    opt_outs = subject.type.file.opt_outs
    wrong = checkov.not_opted_out(scan.findings, opt_outs)
    wrong += [
        f"{rule} is opted out of, but nothing breaks it"
        for rule in checkov.unused(scan.findings, opt_outs)
    ]
    return _outcome(
        wrong, f"{scan.passed} checks pass; rules opted out of with a reason: {len(opt_outs)}."
    )


def _without_opt_outs(rendered: RenderedResource) -> RenderedResource:
    files = {name: without_comments(text) for name, text in rendered.files.items()}
    return replace(rendered, files=files)


def _once_each(renderings: Sequence[RenderedResource]) -> list[RenderedResource]:
    """One of those that are the same but for their values and the comments of opt-outs."""
    found: dict[str, RenderedResource] = {}
    for rendered in renderings:
        found.setdefault(code_digest(_without_opt_outs(rendered).files), rendered)
    return list(found.values())


def _in_each_environment(renderings: Sequence[RenderedResource]) -> list[RenderedResource]:
    """One of those that are the same but for their values; an opt-out may hold in one environment only."""
    found: dict[tuple[str, object], RenderedResource] = {}
    for rendered in renderings:
        found.setdefault((code_digest(rendered.files), rendered.structure["environment"]), rendered)
    return list(found.values())


def _valued(subject: Subject) -> Proof:
    """Bounds, choices and lists: each value once. The code is the same, so it is planned only."""
    if subject.tools.terraform is None:
        return None, "No terraform program was given."
    values = every_value(subject.catalog, subject.type)
    wrong = _plan_problems(subject.tools.terraform, values.rendered).problems
    why = why_not_planned(subject.rendered[0])
    if why and not wrong:
        return None, f"Validated, but not planned: {why}."
    refused = f"; policies refuse {', '.join(values.refused)}" if values.refused else ""
    return _outcome(
        wrong, f"{values.stated} values in {len(values.rendered)} plans, each once{refused}."
    )


def _plan_problems(
    terraform: Terraform, renderings: Sequence[RenderedResource]
) -> batch.BatchResult:
    wrong: list[str] = []
    added: list[int] = []
    with _folder() as folder:
        for number, part in enumerate(batch.batches(renderings)):
            result = batch.planned(terraform.installation, Path(folder) / str(number), part)
            wrong += result.problems
            added += result.added
    return batch.BatchResult(tuple(wrong), tuple(added))


def _emulated(subject: Subject) -> Proof:
    """What the first environment gets who asks for nothing in particular: what a variant adds would mostly wait for the
    emulator."""
    if subject.tools.emulator is None:
        return None, "No emulator was given."
    subject.versions["moto"] = subject.tools.emulator.version
    excepted = subject.type.file.emulator
    # One environment: the emulator knows no difference between them.
    environment = next(iter(subject.catalog.environments))
    asked = example_resource(
        subject.catalog, subject.type, environment, exceptions.parameters(excepted)
    )
    return applied(subject.tools.emulator, render(subject.catalog, asked), excepted)


# The cheapest first: what fails in process need not wait for Terraform.
STEPS: dict[str, Callable[[Subject], Proof]] = {
    "closed template": _in_process,
    "terraform fmt": _formatted,
    "terraform plan": _planned,
    "terraform plan as written": _as_written,
    "terraform plan of every value": _valued,
    "provider 6 attributes": _attributes,
    "checkov": _scanned,
    "emulator": _emulated,
}


def _outcome(wrong: Sequence[str], right: str) -> Proof:
    if not wrong:
        return True, right
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    return False, "; ".join(wrong[:SHOWN]) + more


def _range(numbers: Sequence[int]) -> str:
    return (
        str(min(numbers)) if min(numbers) == max(numbers) else f"{min(numbers)} to {max(numbers)}"
    )


def _reason(reason: str, environments: Sequence[str]) -> str:
    return f"{reason} ({', '.join(environments)})" if environments else reason


def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="infrallm-certify-")

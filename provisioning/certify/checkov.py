"""Checkov over renderings. It lives in an environment of its own, because it pins versions that the portal does not share."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provisioning.adapters.bounded import Limits, run
from provisioning.catalog.format import OptOut
from provisioning.domain import RenderedResource
from provisioning.errors import UpstreamRefusedError

LIMITS = Limits(seconds=900.0, memory_mb=4096)
# `--skip-download` keeps it from asking a service for guidelines; what is not Terraform here is none of the type's.
OPTIONS = ("-d", ".", "--framework", "terraform", "--skip-download", "--compact", "-o", "json")
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    name: str
    resource: str
    environment: str


@dataclass(frozen=True, slots=True)
class Scan:
    passed: int
    findings: tuple[Finding, ...]
    version: str


def scan(binary: str, folder: Path, renderings: Sequence[RenderedResource]) -> Scan:
    """Raises `UpstreamRefusedError` when checkov does not answer."""
    for number, rendered in enumerate(renderings):
        module = folder / f"m{number}"
        module.mkdir(parents=True)
        for name, text in rendered.files.items():
            (module / name).write_text(text, encoding="utf-8")
    # Not the portal's environment: no plugin and no setting of whoever runs it decides what is found.
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LOG_LEVEL": "ERROR"}
    program = Path(shutil.which(binary) or binary).absolute()  # it runs in another folder
    done = run([str(program), *OPTIONS], folder, environment, LIMITS)
    try:
        report = json.loads(done.out)
        # Where no rule is about any of the resources, the summary is all there is.
        results = report.get("results", {"failed_checks": []})
        summary = report.get("summary", report)
        unreadable = summary["parsing_errors"]
    except (ValueError, KeyError, TypeError) as error:
        said = (done.err or done.out)[-300:]
        raise UpstreamRefusedError(f"checkov gave no report: {said}") from error
    if unreadable:
        raise UpstreamRefusedError(f"checkov could not read {results['parsing_errors']}.")
    findings = [_finding(found, renderings) for found in results["failed_checks"]]
    return Scan(summary["passed"], tuple(findings), summary["checkov_version"])


def _finding(found: Mapping[str, str], renderings: Sequence[RenderedResource]) -> Finding:
    number = int(found["file_path"].split("/")[1].removeprefix("m"))
    environment = str(renderings[number].structure["environment"])
    return Finding(found["check_id"], found["check_name"], found["resource"], environment)


def not_opted_out(findings: Iterable[Finding], opt_outs: Iterable[OptOut]) -> list[str]:
    rules = list(opt_outs)
    left = []
    for finding in findings:
        if not any(_excuses(one, finding) for one in rules):
            place = f"{finding.resource} in {finding.environment}"
            left.append(f"{finding.rule} {place}: {finding.name}")
    # The same of several variants is one thing to mend.
    return list(dict.fromkeys(left))


def _excuses(opt_out: OptOut, finding: Finding) -> bool:
    if opt_out.rule != finding.rule or _address(finding) not in opt_out.resources:
        return False
    return not opt_out.environments or finding.environment in opt_out.environments


def _address(finding: Finding) -> str:
    """ "aws_x.this[0]" is "aws_x.this": an opt-out is for all that one block makes."""
    return finding.resource.partition("[")[0]


def unused(findings: Iterable[Finding], opt_outs: Iterable[OptOut]) -> list[str]:
    """Also a single resource that breaks nothing."""
    broken = {(finding.rule, _address(finding)) for finding in findings}
    idle = []
    for one in opt_outs:
        # A rule that looks at the whole repository may hold where a type stands alone.
        if one.whole_repository:
            continue
        for address in one.resources:
            if (one.rule, address) not in broken:
                idle.append(f"{one.rule} of {address}")
    return sorted(set(idle))

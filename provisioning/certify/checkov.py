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
        (folder / f"m{number}").mkdir(parents=True)
        for name, text in rendered.files.items():
            (folder / f"m{number}" / name).write_text(text, encoding="utf-8")
    command = [
        str(Path(shutil.which(binary) or binary).absolute()),  # it runs in another folder
        "-d",
        ".",
        "--framework",
        "terraform",
        "--skip-download",
        "--compact",
        "-o",
        "json",
    ]
    done = run(
        command,
        folder,
        {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LOG_LEVEL": "ERROR"},
        LIMITS,
    )
    try:
        report = json.loads(done.out)
        # Where no rule is about any of the resources, the summary is all there is.
        results = report.get("results", {"failed_checks": []})
        summary = report.get("summary", report)
        parsed = summary["parsing_errors"]
    except (ValueError, KeyError, TypeError) as error:
        raise UpstreamRefusedError(
            f"checkov gave no report: {(done.err or done.out)[-300:]}"
        ) from error
    if parsed:
        raise UpstreamRefusedError(f"checkov could not read {results['parsing_errors']}.")
    return Scan(
        passed=summary["passed"],
        findings=tuple(_finding(found, renderings) for found in results["failed_checks"]),
        version=summary["checkov_version"],
    )


def _finding(found: Mapping[str, str], renderings: Sequence[RenderedResource]) -> Finding:
    number = int(found["file_path"].split("/")[1].removeprefix("m"))
    environment = str(renderings[number].structure["environment"])
    return Finding(found["check_id"], found["check_name"], found["resource"], environment)


def not_opted_out(findings: Iterable[Finding], opt_outs: Iterable[OptOut]) -> list[str]:
    rules = list(opt_outs)
    left = (finding for finding in findings if not any(_excuses(one, finding) for one in rules))
    return list(
        dict.fromkeys(
            f"{finding.rule} {finding.resource} in {finding.environment}: {finding.name}"
            for finding in left
        )
    )


def _excuses(opt_out: OptOut, finding: Finding) -> bool:
    return (
        opt_out.rule == finding.rule
        and finding.resource.partition("[")[0] in opt_out.resources
        and (not opt_out.environments or finding.environment in opt_out.environments)
    )


def unused(findings: Iterable[Finding], opt_outs: Iterable[OptOut]) -> list[str]:
    """Also a single resource that breaks nothing."""
    broken = {(finding.rule, finding.resource.partition("[")[0]) for finding in findings}
    alone = (one for one in opt_outs if not one.whole_repository)
    said = {(one.rule, address) for one in alone for address in one.resources}
    return sorted(f"{rule} of {address}" for rule, address in said - broken)

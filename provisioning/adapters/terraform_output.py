"""What `terraform -json` says, line by line: https://developer.hashicorp.com/terraform/internals/machine-readable-ui"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from provisioning.domain import TerraformPlan

# In characters: an error of a provider may quote a whole policy document.
LONGEST_ERROR = 600


def plan_of(out: str) -> TerraformPlan | None:
    """None where the output has no summary: Terraform did not finish its plan."""
    changes = None
    addresses = []
    for event in _events(out):
        kind = event.get("type")
        if kind == "change_summary" and changes is None:
            changes = event["changes"]
        elif kind == "planned_change":
            addresses.append(event["change"]["resource"]["addr"])
    if changes is None:
        return None
    # Terraform plans in parallel, so the order of its events means nothing.
    resources = tuple(sorted(addresses))
    return TerraformPlan(changes["add"], changes["change"], changes["remove"], resources)


def total(plans: Sequence[TerraformPlan]) -> TerraformPlan | None:
    if not plans:
        return None
    resources: list[str] = []
    for plan in plans:
        resources += plan.resources
    return TerraformPlan(
        add=sum(plan.add for plan in plans),
        change=sum(plan.change for plan in plans),
        destroy=sum(plan.destroy for plan in plans),
        resources=tuple(resources),
    )


def diagnostics(out: str) -> Iterator[Mapping[str, Any]]:
    """Of a plan (a line each) and of a validation (one object)."""
    for event in _events(out):
        if "diagnostic" in event:
            yield event["diagnostic"]
        else:
            yield from event.get("diagnostics", ())


def first_error(found: Iterable[Mapping[str, Any]]) -> str:
    """ "summary: detail (file, line)" of the first error, or ""."""
    for diagnostic in found:
        if diagnostic["severity"] == "error":
            return _sentence(diagnostic)
    return ""


def _sentence(diagnostic: Mapping[str, Any]) -> str:
    said = [part for part in (diagnostic["summary"], diagnostic["detail"]) if part]
    # Terraform breaks lines for a terminal; the message stands in one line of a page.
    words = " ".join(": ".join(said).split())[:LONGEST_ERROR]
    place = diagnostic.get("range")
    if not place:
        return words
    return f"{words} ({place['filename']}, line {place['start']['line']})"


def _events(out: str) -> Iterator[Mapping[str, Any]]:
    """A plan writes an object per line, a validation one object over many lines; other lines are a plugin's own words."""
    if out.startswith("{\n"):
        yield json.loads(out)
        return
    for line in out.splitlines():
        if line.startswith("{") and line.endswith("}"):
            yield json.loads(line)

"""What `terraform -json` says, line by line: https://developer.hashicorp.com/terraform/internals/machine-readable-ui"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from provisioning.domain import TerraformPlan

WORDS = 600


def plan_of(out: str) -> TerraformPlan | None:
    """None where the output has no summary: Terraform did not finish its plan."""
    found = list(_events(out))
    changes = next(
        (event["changes"] for event in found if event.get("type") == "change_summary"), None
    )
    if changes is None:
        return None
    addresses = (
        event["change"]["resource"]["addr"]
        for event in found
        if event.get("type") == "planned_change"
    )
    return TerraformPlan(
        changes["add"], changes["change"], changes["remove"], tuple(sorted(addresses))
    )


def total(plans: Sequence[TerraformPlan]) -> TerraformPlan | None:
    if not plans:
        return None
    return TerraformPlan(
        add=sum(plan.add for plan in plans),
        change=sum(plan.change for plan in plans),
        destroy=sum(plan.destroy for plan in plans),
        resources=tuple(address for plan in plans for address in plan.resources),
    )


def diagnostics(out: str) -> Iterator[Mapping[str, Any]]:
    """Of a plan (a line each) and of a validation (one object)."""
    for event in _events(out):
        yield from (event["diagnostic"],) if "diagnostic" in event else event.get("diagnostics", ())


def first_error(found: Iterable[Mapping[str, Any]]) -> str:
    """ "summary: detail (file, line)" of the first error, or ""."""
    for diagnostic in found:
        if diagnostic["severity"] == "error":
            place = diagnostic.get("range")
            where = f" ({place['filename']}, line {place['start']['line']})" if place else ""
            words = " ".join(
                ": ".join(filter(None, (diagnostic["summary"], diagnostic["detail"]))).split()
            )
            return words[:WORDS] + where
    return ""


def _events(out: str) -> Iterator[Mapping[str, Any]]:
    """A plan writes an object per line, a validation one object over many lines; other lines are a plugin's own words."""
    if out.startswith("{\n"):
        yield json.loads(out)
        return
    for line in out.splitlines():
        if line.startswith("{") and line.endswith("}"):
            yield json.loads(line)

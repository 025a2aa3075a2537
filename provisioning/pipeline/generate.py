"""Requirements → checked files: policy, render, check. Deterministic, so a repeat is harmless and a preview is the truth."""

from provisioning.catalog import Catalog
from provisioning.domain import Check, CheckReport, Generated, Requirements
from provisioning.pipeline import check, policy
from provisioning.pipeline.certified import certified
from provisioning.pipeline.render import reference, render
from provisioning.ports import TerraformChecker


def generate(catalog: Catalog, checker: TerraformChecker, requirements: Requirements) -> Generated:
    """Raises `PolicyViolationError` with every broken rule, `ClarificationNeededError` or `CheckFailedError`."""
    allowed = policy.apply(catalog, requirements)
    rendered = tuple(render(catalog, resource) for resource in allowed.resources)
    for resource in rendered:
        check.check_closed(resource, reference(catalog, resource))
    closed = Check(
        "closed template", "portal", True, "The structure is the template's; only values differ."
    )
    report = checker.check(rendered)
    proved = certified(catalog, rendered, planned=report.plan is not None)
    return Generated(allowed, rendered, CheckReport((closed, *report.checks, proved), report.plan))

"""Values and rows as the wire types of `provisioning.api.schemas`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpRequest

from infrallm_portal import __version__
from provisioning import wiring
from provisioning.api.schemas.health import HealthOut
from provisioning.api.schemas.provision import DryRunOut
from provisioning.api.schemas.requirements import (
    CheckOut,
    EstimateOut,
    OriginOut,
    PlanOut,
    QuestionOut,
    RequirementsOut,
    UnmetOut,
    UsageOut,
)
from provisioning.catalog import names
from provisioning.domain import (
    SINGLE,
    Generated,
    Question,
    Requirements,
    Resource,
    Usage,
    Value,
)
from provisioning.domain.health import Health
from provisioning.pipeline.estimate import estimate

# Their detail is all there is to say: "3 alive", "empty".
PARTS_OF_THE_PORTAL = {"api", "platform", "queue", "workers", "outages", "looks"}


def page_url(request: HttpRequest, path: str) -> str:
    """Where people reach a page: below PUBLIC_URL, for behind a proxy the call tells neither host nor scheme; without
    that setting, where the call came in."""
    public = wiring.portal().public_url
    return f"{public}{path}" if public else request.build_absolute_uri(path)


def dry_run_out(generated: Generated, ignored: list[str]) -> DryRunOut:
    first = generated.resources[0]
    requirements = generated.requirements
    resources = resources_out(requirements)
    files = {}
    for one in generated.resources:
        for name, text in one.files.items():
            files[f"{one.directory}/{name}"] = text
    return DryRunOut(
        # The contract is older than requests for several things: it has room for the first one only.
        parsed_requirements=resources[0],
        terraform_files=dict(first.files),
        directory=first.directory,
        resources=resources,
        files=files,
        **report_out(generated),
        notes=list(requirements.notes),
        estimate=estimate_out(requirements.resources),
        unmet=unmet_out(requirements),
        sentence=requirements.sentence,
        parser=requirements.parser,
        usage=usage_out(requirements.usage),
        ignored=ignored,
    )


def health_out(checks: Mapping[str, Health]) -> HealthOut:
    wrong = any(health.state == "error" for health in checks.values())
    return HealthOut(
        status="degraded" if wrong else "healthy",
        version=__version__,
        checks={part: _health_words(part, health) for part, health in checks.items()},
    )


def _health_words(part: str, health: Health) -> str:
    """The contract's words: an outside service is "connected", whatever else works says how it is."""
    if health.state == "error":
        return f"error: {health.detail}"
    if health.state == "off":
        return "not configured"
    if health.state == "embedded":
        return "embedded"
    if part in PARTS_OF_THE_PORTAL:
        return health.detail
    return f"connected ({health.detail})" if health.detail else "connected"


def question_out(question: Question) -> QuestionOut:
    return QuestionOut(
        id=question.id,
        text=question.text,
        choices=list(question.choices),
        recommended=question.recommended,
    )


def resources_out(requirements: Requirements | None) -> list[RequirementsOut]:
    resources = requirements.resources if requirements else ()
    return [_resource_out(resource) for resource in resources]


def _resource_out(resource: Resource) -> RequirementsOut:
    environment = str(resource.environment.value)
    application = str(resource.application.value)
    # They are no parameters and come from somebody's words all the same.
    said = {"environment": resource.environment, "application": resource.application}
    if resource.count != SINGLE:
        said["count"] = resource.count
    said.update(resource.parameters)
    parameters = {path: value.value for path, value in resource.parameters.items()}
    return RequirementsOut(
        resource_type=resource.type,
        resource_name=resource.name,
        environment=environment,
        application=application,
        aws_name=resource.aws_name,
        directory=names.directory(wiring.catalog(), resource.type, environment, resource.name),
        parameters=parameters,
        tags={name: str(tag.value) for name, tag in resource.tags.items()},
        origins={path: _origin(value) for path, value in said.items()},
    )


def estimate_out(resources: Sequence[Resource]) -> EstimateOut | None:
    found = estimate(wiring.catalog(), resources) if resources else None
    if found is None:
        return None
    return EstimateOut(
        sentence=found.sentence,
        usd=None if found.usd is None else round(found.usd, 2),
        most=None if found.most is None else round(found.most, 2),
        source=found.source,
    )


def unmet_out(requirements: Requirements | None) -> list[UnmetOut]:
    unmet = requirements.unmet if requirements else ()
    return [UnmetOut(quote=one.quote, why=one.why) for one in unmet]


def _origin(value: Value) -> OriginOut:
    origin = value.origin
    return OriginOut(kind=origin.kind, detail=origin.detail, start=origin.start, end=origin.end)


def report_out(generated: Generated | None) -> dict[str, Any]:
    if generated is None:
        return {}
    report = generated.report
    return {
        "checks": [CheckOut.from_orm(check) for check in report.checks],
        "plan": None if report.plan is None else PlanOut.from_orm(report.plan),
    }


def usage_out(usage: Usage | None) -> UsageOut | None:
    return UsageOut(**asdict(usage)) if usage and usage.calls else None

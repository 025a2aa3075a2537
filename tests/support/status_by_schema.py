"""A request's status by way of the ORM, the domain's values and the wire types: slow, and what the fast way has to equal."""

from collections.abc import Sequence
from typing import Any, cast

from provisioning.api.responses import estimate_out, report_out, resources_out, unmet_out, usage_out
from provisioning.api.schemas.requirements import QuestionOut, RequirementsOut
from provisioning.api.schemas.status import PullRequestOut, StatusName, StatusOut
from provisioning.domain import PullRequestState
from provisioning.models import ProvisionRequest, PullRequest


def status_out(row: ProvisionRequest, html_url: str) -> StatusOut:
    opened = row.opened
    resources = resources_out(row.understood)
    return StatusOut(
        request_id=row.request_id,
        request_text=row.text,
        requester=row.requester,
        requester_ref=row.requester_ref or None,
        identity_source=row.identity_source or None,
        acting_client=row.acting_client or None,
        team=row.team or None,
        status=cast(StatusName, row.status),
        pr_url=opened.url if opened else None,
        pr_number=opened.number if opened else None,
        branch_name=row.branch_name or None,
        created_at=row.created_at,
        completed_at=row.completed_at,
        service=row.service or None,
        environment=_environment(row, resources),
        error=row.error or None,
        error_code=row.error_code or None,
        questions=[QuestionOut(**question) for question in row.questions],
        requirements=resources[0] if resources else None,
        resources=resources,
        **report_out(row.generated),
        notes=list(row.notes),
        estimate=estimate_out(row.understood.resources if row.understood else ()),
        unmet=unmet_out(row.understood),
        sentence=row.understood.sentence if row.understood else "",
        parser=row.requirements.parser if row.requirements else None,
        usage=usage_out(row.usage),
        attempt=row.attempt,
        version=row.version,
        html_url=html_url,
        pull_request=_pull_request_out(opened) if opened else None,
    )


def _environment(row: ProvisionRequest, resources: Sequence[RequirementsOut]) -> str | None:
    """What was understood, of the first resource; until then what the caller's field said."""
    if resources:
        return resources[0].environment
    return row.environment or None


def _pull_request_out(opened: PullRequest) -> PullRequestOut:
    seen = opened.seen or PullRequestState(
        cast(Any, opened.state), opened.commit_sha, opened.opened_at
    )
    return PullRequestOut(
        number=opened.number,
        url=opened.url,
        state=seen.state,
        draft=seen.draft,
        review=seen.review,
        reviewers=list(seen.reviewers),
        checks=seen.checks,
        ended_by=seen.ended_by or None,
        ended_at=seen.ended_at,
        looked_at=seen.looked_at if opened.seen_json else None,
    )

"""The wire types of `/api/v1`. Names and meanings of the first block of each are the published contract; fields may be
added, none changed."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, PlainSerializer, StrictStr

from provisioning.domain import OriginKind

StatusName = Literal["queued", "parsing", "generating", "creating_pr", "completed", "failed"]


def zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Moment = Annotated[datetime, PlainSerializer(zulu, return_type=str)]


class Body(Schema):
    model_config = ConfigDict(extra="ignore")


class ProvisionIn(Body):
    request: StrictStr = Field(
        description="One sentence that says what is needed, up to 4,000 characters"
    )
    requester: StrictStr = Field(description="E-mail address or user name of who asks")
    team: StrictStr | None = Field(None, description="Team that will own the resource")
    service: StrictStr | None = Field(None, description="Service that the resource belongs to")
    environment: StrictStr | None = Field(None, description="Overrides the environment in the text")
    answers: dict[str, StrictStr] = Field(
        {}, description="Answers to the questions of an earlier request, by question id"
    )
    follow_up_of: StrictStr | None = Field(None, description="Id of the request that asked")


class ProvisionOut(Schema):
    request_id: str
    status: StatusName
    message: str

    pr_url: str | None = None
    html_url: str = ""


class DryRunIn(Body):
    request: StrictStr = Field(
        description="One sentence that says what is needed, up to 4,000 characters"
    )
    requester: StrictStr | None = None
    team: StrictStr | None = None
    service: StrictStr | None = None
    environment: StrictStr | None = None
    answers: dict[str, StrictStr] = Field({}, description="Answers to questions, by question id")


class QuestionOut(Schema):
    id: str
    text: str
    choices: list[str]
    recommended: str | None


class OriginOut(Schema):
    """Where a value comes from: `text` (with the words and their span), `inferred` (concluded from
    quoted words that do not say it literally), `field`, `answer`, `policy` or `default`."""

    kind: OriginKind
    detail: str
    start: int | None
    end: int | None


class UnmetOut(Schema):
    """What the text asks for and the result does not hold."""

    quote: str
    why: str


class RequirementsOut(Schema):
    resource_type: str
    resource_name: str
    environment: str
    application: str
    aws_name: str
    directory: str
    parameters: dict[str, Any]
    tags: dict[str, str]
    origins: dict[str, OriginOut]


class CheckOut(Schema):
    name: str
    tool: str
    passed: bool | None
    detail: str


class PlanOut(Schema):
    add: int
    change: int
    destroy: int
    resources: list[str]


class UsageOut(Schema):
    """What the model was asked and what that cost, by an estimate from the prices in the settings."""

    model: str
    service_request_id: str
    calls: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_usd: float


class DryRunOut(Schema):
    parsed_requirements: RequirementsOut
    terraform_files: dict[str, str]
    directory: str

    resources: list[RequirementsOut]
    files: dict[str, str] = Field(
        description="Every file of every resource by its path in the repository"
    )
    checks: list[CheckOut]
    plan: PlanOut | None
    notes: list[str]
    unmet: list[UnmetOut] = Field([], description="What the text asks for and nothing fulfils")
    parser: str = ""
    usage: UsageOut | None = Field(None, description="Null where no model was asked")


class PullRequestOut(Schema):
    number: int
    url: str
    state: Literal["open", "merged", "closed"]
    draft: bool
    review: Literal["none", "approved", "changes_requested"]
    reviewers: list[str]
    checks: Literal["none", "pending", "passed", "failed"]
    ended_by: str | None
    ended_at: Moment | None
    looked_at: Moment | None


class StatusOut(Schema):
    request_id: str
    request_text: str
    requester: str
    team: str | None
    status: StatusName
    pr_url: str | None
    pr_number: int | None
    branch_name: str | None
    created_at: Moment
    completed_at: Moment | None

    service: str | None
    environment: str | None
    error: str | None
    error_code: str | None
    questions: list[QuestionOut]
    requirements: RequirementsOut | None
    resources: list[RequirementsOut]
    checks: list[CheckOut] = Field([], description="What the Terraform passed, in words")
    plan: PlanOut | None = Field(
        None, description="Terraform's own plan, where the portal has a terraform program"
    )
    notes: list[str]
    unmet: list[UnmetOut] = Field([], description="What the text asks for and nothing fulfils")
    parser: str | None = None
    usage: UsageOut | None = Field(None, description="What the model was asked and what that cost")
    waiting: str | None = Field(
        None,
        description="Why nothing happens at this moment, and until when, where that is known; not in lists",
    )
    attempt: int
    version: int
    html_url: str
    pull_request: PullRequestOut | None = Field(
        None, description="What became of it; `status` stays `completed`"
    )


class RequestList(Schema):
    requests: list[StatusOut]
    count: int
    user: str


class WebhookOut(Schema):
    looks: int = Field(description="Pull requests that will be looked at")


class HealthOut(Schema):
    status: Literal["healthy", "degraded"]
    version: str
    checks: dict[str, str]


class Problem(Schema):
    detail: str

    error_code: str = ""
    questions: list[QuestionOut] = Field([])

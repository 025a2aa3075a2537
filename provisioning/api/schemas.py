"""The wire types of `/api/v1`. Names and meanings of the first block of each are the published contract; fields may be
added, none changed."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field, PlainSerializer, StrictStr

from provisioning.api.body import Body, Ignoring
from provisioning.domain import OriginKind

StatusName = Literal["queued", "parsing", "generating", "creating_pr", "completed", "failed"]


def zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Moment = Annotated[datetime, PlainSerializer(zulu, return_type=str)]


class ProvisionIn(Body):
    request: StrictStr = Field(
        description="One sentence that says what is needed, up to 4,000 characters",
        examples=["production Postgres database for payments API"],
    )
    requester: StrictStr = Field(
        description="E-mail address or user name of who asks", examples=["user@company.com"]
    )
    team: StrictStr | None = Field(
        None, description="Team that will own the resource", examples=["payments-team"]
    )
    service: StrictStr | None = Field(
        None, description="Service that the resource belongs to", examples=["payments-api"]
    )
    environment: StrictStr | None = Field(
        None, description="Overrides the environment in the text", examples=["prod"]
    )
    answers: dict[str, StrictStr] = Field(
        {},
        description="Answers to the questions of an earlier request, by question id",
        examples=[{"rds.engine": "postgres"}],
    )
    follow_up_of: StrictStr | None = Field(
        None, description="Id of the request that asked", examples=["req-a1b2c3d4e5f6"]
    )


class ProvisionOut(Ignoring):
    request_id: str = Field(
        description="Id to follow the request by", examples=["req-a1b2c3d4e5f6"]
    )
    status: StatusName = Field(description="Always `queued`", examples=["queued"])
    message: str = Field(
        description="The same in words", examples=["Request queued for processing"]
    )

    pr_url: str | None = Field(
        None,
        description="Address of the pull request; null, since none is open yet",
        examples=[None],
    )
    html_url: str = Field(
        "",
        description="The request's page in the portal",
        examples=["https://portal.example.com/requests/req-a1b2c3d4e5f6"],
    )


class DryRunIn(Body):
    request: StrictStr = Field(
        description="One sentence that says what is needed, up to 4,000 characters",
        examples=["production Postgres database for payments API"],
    )
    requester: StrictStr | None = Field(
        None, description="E-mail address or user name of who asks", examples=["user@company.com"]
    )
    team: StrictStr | None = Field(
        None, description="Team that will own the resource", examples=["payments-team"]
    )
    service: StrictStr | None = Field(
        None, description="Service that the resource belongs to", examples=["payments-api"]
    )
    environment: StrictStr | None = Field(
        None, description="Overrides the environment in the text", examples=["prod"]
    )
    answers: dict[str, StrictStr] = Field(
        {},
        description="Answers to the questions of an earlier request, by question id",
        examples=[{"rds.engine": "postgres"}],
    )


class QuestionOut(Schema):
    id: str = Field(description="Key of the answer in `answers`", examples=["rds.engine"])
    text: str = Field(
        description="The question, in words", examples=["Which engine should the database have?"]
    )
    choices: list[str] = Field(
        description="The answers that are accepted; empty where any text is",
        examples=[["postgres", "mysql"]],
    )
    recommended: str | None = Field(
        description="The choice that the platform recommends", examples=["postgres"]
    )


class OriginOut(Schema):
    """Where a value comes from: `text` (with the words and their span), `inferred` (concluded from
    quoted words that do not say it literally), `field`, `answer`, `policy` or `default`."""

    kind: OriginKind = Field(description="Where the value comes from", examples=["text"])
    detail: str = Field(
        description="The quoted words, or the name of the field, question, policy or default",
        examples=["Postgres"],
    )
    start: int | None = Field(
        description="Where the quoted words begin in the text; null where there are none",
        examples=[11],
    )
    end: int | None = Field(description="Where the quoted words end", examples=[19])


class UnmetOut(Schema):
    """What the text asks for and the result does not hold."""

    quote: str = Field(
        description="The words of the text", examples=["with a read replica in Sydney"]
    )
    why: str = Field(
        description="Why the result does not hold them, in a sentence",
        examples=["Replicas in another region are not offered."],
    )


class RequirementsOut(Schema):
    resource_type: str = Field(description="Name of the type in the catalog", examples=["rds"])
    resource_name: str = Field(description="Name of the resource", examples=["payments-api"])
    environment: str = Field(description="Environment that it is for", examples=["prod"])
    application: str = Field(
        description="Application that it belongs to", examples=["payments-api"]
    )
    aws_name: str = Field(description="Its name in AWS", examples=["prod-payments-api-rds"])
    directory: str = Field(
        description="Directory of its files in the repository",
        examples=["terraform/prod/rds/payments-api"],
    )
    parameters: dict[str, Any] = Field(
        description="Every parameter with its value, by its path",
        examples=[{"engine": "postgres", "storage_gb": 100}],
    )
    tags: dict[str, str] = Field(
        description="Tags that it gets", examples=[{"Team": "payments-team"}]
    )
    origins: dict[str, OriginOut] = Field(
        description="Where each value comes from, by the parameter's path",
        examples=[{"engine": {"kind": "text", "detail": "Postgres", "start": 11, "end": 19}}],
    )


class CheckOut(Schema):
    name: str = Field(description="What was checked", examples=["validate"])
    tool: str = Field(description="Program that checked it", examples=["terraform 1.9.8"])
    passed: bool | None = Field(
        description="Null where it was not checked; `detail` says why", examples=[True]
    )
    detail: str = Field(
        description="The result, in words", examples=["The configuration is valid."]
    )


class PlanOut(Schema):
    add: int = Field(description="Resources that it would create", examples=[5])
    change: int = Field(description="Resources that it would change", examples=[0])
    destroy: int = Field(description="Resources that it would destroy", examples=[0])
    resources: list[str] = Field(
        description="Addresses of all of them", examples=[["aws_db_instance.this"]]
    )


class UsageOut(Schema):
    """What the model was asked and what that cost, by an estimate from the prices in the settings."""

    model: str = Field(description="Model that was asked", examples=["claude-sonnet-4-5"])
    service_request_id: str = Field(
        description="Id of the last call at the model's service",
        examples=["req_011CSHoEeqs5C35K2UUqR7Fy"],
    )
    calls: int = Field(description="Calls that were made", examples=[1])
    input_tokens: int = Field(description="Tokens read, without those of the cache", examples=[812])
    output_tokens: int = Field(description="Tokens written", examples=[240])
    cache_read_tokens: int = Field(description="Tokens read from the cache", examples=[9000])
    cache_write_tokens: int = Field(description="Tokens written to the cache", examples=[0])
    cost_usd: float = Field(
        description="Estimate from the prices in the settings, in US dollars", examples=[0.0087]
    )


class DryRunOut(Ignoring):
    parsed_requirements: RequirementsOut = Field(
        description="What was understood of the first resource"
    )
    terraform_files: dict[str, str] = Field(
        description="Files of the first resource by name",
        examples=[{"main.tf": 'resource "aws_s3_bucket" "this" {}'}],
    )
    directory: str = Field(
        description="Directory of the first resource", examples=["terraform/staging/s3/logs-bucket"]
    )

    resources: list[RequirementsOut] = Field(description="What was understood of every resource")
    files: dict[str, str] = Field(
        description="Every file of every resource by its path in the repository",
        examples=[
            {"terraform/staging/s3/logs-bucket/main.tf": 'resource "aws_s3_bucket" "this" {}'}
        ],
    )
    checks: list[CheckOut] = Field(description="What the Terraform passed, in words")
    plan: PlanOut | None = Field(
        description="Terraform's own plan, where the portal has a terraform program"
    )
    notes: list[str] = Field(
        description="What a reviewer should know, in sentences",
        examples=[["The environment is the platform's default."]],
    )
    unmet: list[UnmetOut] = Field([], description="What the text asks for and nothing fulfils")
    sentence: str = Field(
        "",
        description="The requirements in words that the portal reads as the same; may be empty",
        examples=["A PostgreSQL database for payments-api in production."],
    )
    parser: str = Field("", description="What read the text", examples=["rules"])
    usage: UsageOut | None = Field(None, description="Null where no model was asked")


class PullRequestOut(Schema):
    number: int = Field(description="Number at the repository host", examples=[123])
    url: str = Field(
        description="Its page at the repository host",
        examples=["https://github.com/org/infrastructure/pull/123"],
    )
    state: Literal["open", "merged", "closed"] = Field(
        description="What became of it", examples=["open"]
    )
    draft: bool = Field(description="Whether it is a draft", examples=[False])
    review: Literal["none", "approved", "changes_requested"] = Field(
        description="Verdict of its reviewers", examples=["approved"]
    )
    reviewers: list[str] = Field(description="Who reviewed it", examples=[["octocat"]])
    checks: Literal["none", "pending", "passed", "failed"] = Field(
        description="State of its CI checks", examples=["passed"]
    )
    ended_by: str | None = Field(description="Who merged or closed it", examples=["octocat"])
    ended_at: Moment | None = Field(
        description="When it was merged or closed", examples=["2025-12-19T11:30:00Z"]
    )
    looked_at: Moment | None = Field(
        description="When the portal last looked; null before the first look",
        examples=["2025-12-19T11:30:05Z"],
    )


class StatusOut(Schema):
    request_id: str = Field(description="Id of the request", examples=["req-a1b2c3d4e5f6"])
    request_text: str = Field(
        description="The sentence as it was sent",
        examples=["production Postgres database for payments API"],
    )
    requester: str = Field(description="Who asked", examples=["user@company.com"])
    team: str | None = Field(
        description="Team that will own the resource", examples=["payments-team"]
    )
    status: StatusName = Field(
        description="Poll until it is `completed` or `failed`", examples=["completed"]
    )
    pr_url: str | None = Field(
        description="Address of the pull request, once it is open",
        examples=["https://github.com/org/infrastructure/pull/123"],
    )
    pr_number: int | None = Field(description="Number of the pull request", examples=[123])
    branch_name: str | None = Field(
        description="Branch of the pull request", examples=["infrallm/prod-postgres-payments-api"]
    )
    created_at: Moment = Field(
        description="When it was received, in UTC", examples=["2025-12-19T10:00:00Z"]
    )
    completed_at: Moment | None = Field(
        description="When it ended, in UTC", examples=["2025-12-19T10:00:15Z"]
    )

    service: str | None = Field(
        description="Service that the resource belongs to", examples=["payments-api"]
    )
    environment: str | None = Field(
        description="What was understood, of the first resource; until then what the body said",
        examples=["prod"],
    )
    error: str | None = Field(
        description="Why it failed or waits, in a sentence",
        examples=["GitHub's rate limit is reached."],
    )
    error_code: str | None = Field(description="The same for programs", examples=["rate_limited"])
    questions: list[QuestionOut] = Field(
        description="What to answer, where `error_code` is `needs_clarification`"
    )
    requirements: RequirementsOut | None = Field(
        description="What was understood of the first resource; null until then"
    )
    resources: list[RequirementsOut] = Field(description="What was understood of every resource")
    checks: list[CheckOut] = Field([], description="What the Terraform passed, in words")
    plan: PlanOut | None = Field(
        None, description="Terraform's own plan, where the portal has a terraform program"
    )
    notes: list[str] = Field(
        description="What a reviewer should know, in sentences",
        examples=[["The environment is the platform's default."]],
    )
    unmet: list[UnmetOut] = Field([], description="What the text asks for and nothing fulfils")
    sentence: str = Field(
        "",
        description="The requirements in words that the portal reads as the same; may be empty",
        examples=["A PostgreSQL database for payments-api in production."],
    )
    parser: str | None = Field(None, description="What read the text", examples=["rules"])
    usage: UsageOut | None = Field(None, description="What the model was asked and what that cost")
    waiting: str | None = Field(
        None,
        description="Why nothing happens at this moment, and until when, where that is known; not in lists",
        examples=["GitHub's budget of this minute is used; it goes on at 10:01."],
    )
    attempt: int = Field(description="How often a worker began it", examples=[1])
    version: int = Field(
        description="Grows with every change; equal versions are equal answers", examples=[6]
    )
    html_url: str = Field(
        description="Its page in the portal",
        examples=["https://portal.example.com/requests/req-a1b2c3d4e5f6"],
    )
    pull_request: PullRequestOut | None = Field(
        None, description="What became of it; `status` stays `completed`"
    )


class RequestList(Schema):
    requests: list[StatusOut] = Field(description="Newest first")
    count: int = Field(description="How many there are in this answer", examples=[1])
    user: str = Field(description="Whose requests these are", examples=["user@company.com"])


class WebhookOut(Schema):
    looks: int = Field(description="Pull requests that will be looked at", examples=[1])


class HealthOut(Schema):
    status: Literal["healthy", "degraded"] = Field(
        description="`degraded` while any check says `error: …`", examples=["healthy"]
    )
    version: str = Field(description="Version of the portal", examples=["0.2.0"])
    checks: dict[str, str] = Field(
        description="State of each part, in words",
        examples=[{"api": "healthy", "claude": "connected", "github": "connected"}],
    )


class Problem(Schema):
    detail: str = Field(
        description="What is wrong and what to do, in a sentence",
        examples=["Request req-a1b2c3d4e5f6 not found"],
    )

    error_code: str = Field(
        "",
        description="The same for programs; empty where the HTTP status says it all",
        examples=["policy_violation"],
    )
    questions: list[QuestionOut] = Field(
        [], description="What to answer, where `error_code` is `needs_clarification`"
    )


class InvalidField(Schema):
    """The shape of FastAPI, whose clients the API was first published for."""

    type: str = Field(description="What kind of mistake it is", examples=["missing"])
    loc: list[str | int] = Field(
        description="Where it is: `body`, `query`, `path` or `header`, then the field",
        examples=[["body", "request"]],
    )
    msg: str = Field(description="The mistake, in a sentence", examples=["Field required"])


class Invalid(Schema):
    detail: list[InvalidField] = Field(description="Every field that cannot be used")

"""Asking for something, and what it would become."""

from pydantic import Field, StrictStr

from provisioning.api.body import Body, Ignoring
from provisioning.api.schemas.requirements import (
    CheckOut,
    EstimateOut,
    PlanOut,
    RequirementsOut,
    UnmetOut,
    UsageOut,
)
from provisioning.api.schemas.status import StatusName


class ProvisionIn(Body):
    request: StrictStr = Field(
        description="One sentence that says what is needed, up to 4,000 characters",
        examples=["production Postgres database for payments API"],
    )
    requester: StrictStr | None = Field(
        None,
        description="E-mail address or user name of who asks; a person who calls may leave it out",
        examples=["user@company.com"],
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
    status: StatusName = Field(
        description="`queued`; after a repeat under the same Idempotency-Key, the state by then",
        examples=["queued"],
    )
    message: str = Field(
        description="The same in words", examples=["Request queued for processing"]
    )

    pr_url: str | None = Field(
        None,
        description="Address of the pull request; null until one is open",
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
    estimate: EstimateOut | None = Field(
        None, description="Null where the platform keeps no prices"
    )
    unmet: list[UnmetOut] = Field([], description="What the text asks for and nothing fulfils")
    sentence: str = Field(
        "",
        description="The requirements in words that the portal reads as the same; may be empty",
        examples=["A PostgreSQL database for payments-api in production."],
    )
    parser: str = Field("", description="What read the text", examples=["rules"])
    usage: UsageOut | None = Field(None, description="Null where no model was asked")

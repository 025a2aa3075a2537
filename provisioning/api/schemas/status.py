"""Where a request stands."""

from typing import Literal

from ninja import Schema
from pydantic import Field

from provisioning.api.schemas.moments import Moment
from provisioning.api.schemas.requirements import (
    CheckOut,
    EstimateOut,
    PlanOut,
    QuestionOut,
    RequirementsOut,
    UnmetOut,
    UsageOut,
)

StatusName = Literal["queued", "parsing", "generating", "creating_pr", "completed", "failed"]


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


class StageOut(Schema):
    name: StatusName = Field(description="State that it was in", examples=["parsing"])
    began_at: Moment = Field(description="When, in UTC", examples=["2025-12-19T10:00:01Z"])
    ended_at: Moment | None = Field(
        description="When it ended; null while it lasts", examples=["2025-12-19T10:00:04Z"]
    )
    seconds: float | None = Field(
        description="How long it took; null while it lasts", examples=[3.124]
    )


class StatusOut(Schema):
    request_id: str = Field(description="Id of the request", examples=["req-a1b2c3d4e5f6"])
    request_text: str = Field(
        description="The sentence as it was sent",
        examples=["production Postgres database for payments API"],
    )
    requester: str = Field(description="Who asked", examples=["user@company.com"])
    requester_ref: str | None = Field(
        None, description="Entity reference of the requester", examples=["user:default/ana"]
    )
    identity_source: str | None = Field(
        None,
        description="How the portal knew the caller: `session`, `token`, `backstage_verified`, `backstage_claimed` or `demo`; "
        "null for its own requests",
        examples=["backstage_verified"],
    )
    acting_client: str | None = Field(
        None, description="The token or program that called", examples=["backstage scaffolder"]
    )
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
    estimate: EstimateOut | None = Field(
        None, description="Null where the platform keeps no prices"
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
    hint: str | None = Field(
        None,
        description="What to do about `error`, in a sentence; null without one",
        examples=["Nothing is lost. Try again in a few minutes."],
    )
    retryable: bool = Field(
        False, description="Whether `POST …/retry` may help as it stands", examples=[False]
    )
    stage: StageOut | None = Field(
        None, description="Where it is; of one that ended, where it ended"
    )
    stages: list[StageOut] = Field(
        [], description="Every stage since it was last put in the queue, in order"
    )
    retry_after: int | None = Field(
        None,
        description="Seconds to wait before asking again; null for one that ended",
        examples=[2],
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
    user: str | None = Field(
        description="Whose requests these are, where one was named", examples=["user@company.com"]
    )
    next_cursor: str | None = Field(
        None,
        description="`cursor` of the next page, with the same filters; null on the last",
        examples=["WyIyMDI1LTEyLTE5VDEwOjAwOjAwKzAwOjAwIiw0Ml0:1vVxyz:sig"],
    )

"""What was understood, checked and spent."""

from typing import Any

from ninja import Schema
from pydantic import Field

from provisioning.domain import OriginKind


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


class EstimateOut(Schema):
    sentence: str = Field(
        description="What it costs a month, in words; names what is not known",
        examples=["Estimate: about $70 a month, usage on top."],
    )
    usd: float | None = Field(
        description="Sum to begin with; null where the price of a main part is not known",
        examples=[70.08],
    )
    most: float | None = Field(
        description="Sum of what it may grow to by itself", examples=[140.16]
    )
    source: str = Field(
        description="Where the prices are from, and of when",
        examples=["Prices of 2026-08-21 in us-east-1, from a list."],
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

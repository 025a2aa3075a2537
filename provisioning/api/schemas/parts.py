"""What a request consists of beside its status."""

from ninja import Schema
from pydantic import Field

from provisioning.api.schemas.moments import Moment
from provisioning.api.schemas.status import StatusName


class EventOut(Schema):
    version: int = Field(description="Version of the request that it made", examples=[2])
    at: Moment = Field(description="When, in UTC", examples=["2025-12-19T10:00:03Z"])
    status: StatusName = Field(description="State from then on", examples=["parsing"])
    actor: str = Field(
        description="Who made it: a person, a token, or `portal`", examples=["portal"]
    )
    attempt: int = Field(description="Attempt that it belongs to", examples=[1])
    detail: str = Field(
        description="What happened, in words; may be empty", examples=["Request received"]
    )


class EventList(Schema):
    request_id: str = Field(description="Id of the request", examples=["req-a1b2c3d4e5f6"])
    events: list[EventOut] = Field(description="Oldest first")
    count: int = Field(description="How many there are in this answer", examples=[5])


class FilesOut(Schema):
    request_id: str = Field(description="Id of the request", examples=["req-a1b2c3d4e5f6"])
    files: dict[str, str] = Field(
        description="Every file by its path in the repository; none before they were written",
        examples=[
            {"terraform/staging/s3/logs-bucket/main.tf": 'resource "aws_s3_bucket" "this" {}'}
        ],
    )
    count: int = Field(description="How many there are", examples=[4])

"""The portal itself."""

from typing import Literal

from ninja import Schema
from pydantic import Field


class HealthOut(Schema):
    status: Literal["healthy", "degraded"] = Field(
        description="`degraded` while any check says `error: …`", examples=["healthy"]
    )
    version: str = Field(description="Version of the portal", examples=["0.2.0"])
    checks: dict[str, str] = Field(
        description="State of each part, in words",
        examples=[{"api": "healthy", "claude": "connected", "github": "connected"}],
    )


class WebhookOut(Schema):
    looks: int = Field(description="Pull requests that will be looked at", examples=[1])

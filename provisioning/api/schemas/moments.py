"""Moments as the contract writes them: UTC, whole seconds, `Z`."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import PlainSerializer


def zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Moment = Annotated[datetime, PlainSerializer(zulu, return_type=str)]

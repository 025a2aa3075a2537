"""What must be right before anything starts. Django runs these before its commands; servers and workers call the same."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from provisioning import wiring
from provisioning.errors import CatalogError


@register
def catalog(**_: Any) -> list[CheckMessage]:
    try:
        wiring.catalog()
    except CatalogError as error:
        return [
            Error(
                error.message, hint="manage.py catalog check looks again.", id="provisioning.E001"
            )
        ]
    return []

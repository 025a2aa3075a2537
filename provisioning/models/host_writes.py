"""What all workers together have written to the repository host within the last hour."""

from django.db import models
from django.utils import timezone

from provisioning.models.provision_request import ProvisionRequest


class HostWrites(models.Model):
    """`number` calls that create something, granted to one request at once."""

    provision_request = models.ForeignKey(
        ProvisionRequest,
        models.CASCADE,
        related_name="writes",
        help_text="Which request they were granted to",
    )
    number = models.PositiveIntegerField(help_text="Calls that create something")
    # Indexed, for what counts is always the last hour.
    at = models.DateTimeField(
        default=timezone.now, db_index=True, help_text="When they were granted"
    )

    def __str__(self) -> str:
        return f"{self.number} of {self.provision_request_id}"

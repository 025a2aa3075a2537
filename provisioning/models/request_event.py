from typing import ClassVar

from django.db import models
from django.utils import timezone

from provisioning.domain.status import STATUS_CHOICES
from provisioning.models.provision_request import ProvisionRequest


class RequestEvent(models.Model):
    """History: written with the state in one transaction, never changed."""

    provision_request = models.ForeignKey(
        ProvisionRequest, models.CASCADE, related_name="events", help_text="Whose history it is"
    )
    version = models.PositiveIntegerField(help_text="The request's, after the change")
    at = models.DateTimeField(default=timezone.now, editable=False, help_text="When it happened")
    actor = models.CharField(max_length=200, help_text="Who changed it; portal for a worker")
    attempt = models.PositiveIntegerField(default=0, help_text="In which attempt")
    status = models.CharField(max_length=20, choices=STATUS_CHOICES, help_text="After the change")
    detail = models.TextField(blank=True, help_text="One sentence for people")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provision_request", "version"], name="one_event_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provision_request_id} {self.status}"

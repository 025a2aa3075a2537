from typing import ClassVar

from django.db import models
from django.utils import timezone

from provisioning.domain.status import STATUS_CHOICES
from provisioning.models.provision_request import ProvisionRequest


class RequestEvent(models.Model):
    """History: written with the state in one transaction, never changed."""

    provision_request = models.ForeignKey(ProvisionRequest, models.CASCADE, related_name="events")
    version = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.CharField(max_length=200)
    attempt = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=20, choices=STATUS_CHOICES)
    detail = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provision_request", "version"], name="one_event_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provision_request_id} {self.status}"

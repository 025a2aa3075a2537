from typing import Any, ClassVar

from django.apps import apps
from django.db import models
from django.db.models import Q, Value
from django.utils import timezone

from provisioning.domain import PullRequestState
from provisioning.models.json_columns import from_json


class PullRequest(models.Model):
    """What the repository host said when it was last looked at (`seen`). `look_at` is when to look again; null: never, it
    was merged. `memory` is the adapter's own, for conditional requests. `repository` is where `number` means this one.
    `looks_failed` counts all that ever failed, wholly or in part; `failing_since` is null again after one that did not."""

    repository = models.CharField(max_length=300, blank=True, db_default="")
    directories = models.JSONField(
        default=list, blank=True, db_default=Value([], models.JSONField())
    )
    provision_request = models.OneToOneField(
        "ProvisionRequest", models.CASCADE, related_name="pull_request"
    )
    number = models.PositiveIntegerField()
    url = models.URLField(max_length=500)
    commit_sha = models.CharField(max_length=64)
    state = models.CharField(max_length=20, default="open")
    opened_at = models.DateTimeField(default=timezone.now)
    seen_json = models.JSONField(null=True, blank=True)
    memory = models.JSONField(default=dict, blank=True)
    look_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    looks_failed = models.PositiveIntegerField(default=0, db_default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    look_error = models.TextField(blank=True, db_default="")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["look_at"], name="pull_request_due", condition=Q(look_at__isnull=False)
            ),
            models.Index(fields=["number"], name="pull_request_number"),
            models.Index(
                fields=["repository"], name="pull_request_open", condition=Q(state="open")
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    def sharers(self) -> models.QuerySet[Any]:
        """The request that opened it, and those that joined."""
        requests = apps.get_model("provisioning", "ProvisionRequest").objects
        return requests.filter(Q(pull_request=self) | Q(joined=self))

    @property
    def seen(self) -> PullRequestState | None:
        return from_json(PullRequestState, self.seen_json)


class WebhookDelivery(models.Model):
    """A delivery is worked on once, however often it comes."""

    delivery_id = models.CharField(max_length=100, unique=True)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.delivery_id

from typing import Any, ClassVar

from django.apps import apps
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.utils import timezone

from provisioning.domain import PullRequestState
from provisioning.models.json_columns import from_json


class PullRequest(models.Model):
    """A pull request of the portal, with what the repository host said when it was last looked at (`seen`)."""

    repository = models.CharField(
        max_length=300, blank=True, db_default="", help_text="Where the number means this one"
    )
    directories = models.JSONField(
        default=list,
        blank=True,
        db_default=Value([], models.JSONField()),
        help_text="Those that it fills",
    )
    provision_request = models.OneToOneField(
        "ProvisionRequest",
        models.CASCADE,
        related_name="pull_request",
        help_text="The request that opened it; others may have joined",
    )
    number = models.PositiveIntegerField(help_text="As the host counts")
    url = models.URLField(max_length=500, help_text="Where people look at it")
    commit_sha = models.CharField(max_length=64, help_text="The portal's own commit")
    state = models.CharField(
        max_length=20, default="open", help_text="open, merged or closed, as of the last look"
    )
    opened_at = models.DateTimeField(
        default=timezone.now, help_text="When the portal learned of it"
    )
    seen_json = models.JSONField(null=True, blank=True, help_text="All that the last look told")
    memory = models.JSONField(
        default=dict, blank=True, help_text="The adapter's own, for conditional requests"
    )
    look_at = models.DateTimeField(
        null=True,
        blank=True,
        default=timezone.now,
        help_text="When to look again; null once it is merged",
    )
    looks_failed = models.PositiveIntegerField(
        default=0, db_default=0, help_text="All that ever failed, wholly or in part"
    )
    failing_since = models.DateTimeField(
        null=True, blank=True, help_text="Null again after a look that did not fail"
    )
    look_error = models.TextField(blank=True, db_default="", help_text="Why the last look failed")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["look_at"], name="pull_request_due", condition=Q(look_at__isnull=False)
            ),
            models.Index(fields=["number"], name="pull_request_number"),
            models.Index(
                fields=["repository"], name="pull_request_open", condition=Q(state="open")
            ),
            GinIndex(fields=["directories"], name="pull_request_directories"),
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

    # A GUID today; GitHub promises no form of it.
    delivery_id = models.CharField(
        max_length=100, unique=True, help_text="GitHub's own, the same each time it delivers again"
    )
    received_at = models.DateTimeField(
        default=timezone.now, db_index=True, help_text="When it came first"
    )

    def __str__(self) -> str:
        return self.delivery_id

import secrets
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Value
from django.utils import timezone

# As long a link to it works, and a page that was left open may be sent.
KEPT = timedelta(days=7)


class Preview(models.Model):
    """What a requester saw before submitting; a submission that names it is built from exactly this.

    `understood_json` is what was read, `edits` what the requester changed in it, and `requirements_json` what came of
    both, after policy. With `blocked` a rule forbids it, and it can only be changed, not submitted. A row never changes:
    another sentence, field, answer or edit is another preview."""

    # 43 letters are 32 random bytes: whoever has it gets what it shows.
    token = models.CharField(
        max_length=43,
        unique=True,
        default=secrets.token_urlsafe,
        help_text="What a submission names it by",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, help_text="Who saw it"
    )
    submission_digest = models.CharField(
        max_length=64, help_text="Of what was typed: another text is no submission of this preview"
    )
    submission_json = models.JSONField(
        default=dict,
        db_default=Value({}, models.JSONField()),
        help_text="The sentence, the fields and the answers",
    )
    understood_json = models.JSONField(null=True, help_text="What was read, before any edit")
    edits = models.JSONField(
        default=dict,
        db_default=Value({}, models.JSONField()),
        help_text="What was set in the preview, by its place",
    )
    requirements_json = models.JSONField(help_text="What was shown, after edits and policy")
    blocked = models.BooleanField(
        default=False, db_default=False, help_text="Whether a rule forbids what was shown"
    )
    created_at = models.DateTimeField(default=timezone.now, help_text="When it was shown")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["created_at"], name="preview_oldest")]

    def __str__(self) -> str:
        return self.token

    @property
    def expires_at(self) -> datetime:
        moment: datetime = self.created_at + KEPT
        return moment

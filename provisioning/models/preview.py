import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone


class Preview(models.Model):
    """What a requester saw before submitting; a submission that names it is built from exactly this."""

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
    requirements_json = models.JSONField(help_text="What was understood")
    created_at = models.DateTimeField(default=timezone.now, help_text="When it was shown")

    def __str__(self) -> str:
        return self.token

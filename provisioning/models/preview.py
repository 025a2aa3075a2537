import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone


class Preview(models.Model):
    """What a requester saw before submitting; a submission that names it is built from exactly this."""

    token = models.CharField(max_length=43, unique=True, default=secrets.token_urlsafe)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True)
    submission_digest = models.CharField(max_length=64)
    requirements_json = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.token

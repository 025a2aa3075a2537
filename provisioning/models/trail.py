"""The trail's tables: the application inserts and selects, and Postgres itself refuses the rest (migration 0012)."""

from typing import Any, ClassVar

from django.db import models

TEXT: dict[str, Any] = {"blank": True, "default": ""}


class TrailEvent(models.Model):
    """What happened. Who did it stands in `TrailPersonal`; `personal_digest` holds it to what it was, so that a person's
    details can be erased while the chain stays verifiable."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(help_text="By the clock of Postgres, in UTC")
    action = models.CharField(max_length=60, help_text="Such as request.completed or token.issued")
    target_kind = models.CharField(max_length=30, **TEXT)
    target = models.CharField(max_length=200, **TEXT, help_text="Such as req-0123456789ab")
    source = models.CharField(max_length=20, **TEXT, help_text="How the caller was known")
    result = models.CharField(max_length=20, default="done", help_text="done, refused or failed")
    data = models.JSONField(default=dict, help_text="What changed, without personal details")
    personal_digest = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["action", "-id"], name="trail_by_action"),
            models.Index(fields=["target", "-id"], name="trail_by_target"),
            models.Index(fields=["source", "-id"], name="trail_by_source"),
            models.Index(fields=["-at", "-id"], name="trail_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}".strip()


class TrailPersonal(models.Model):
    """Who and from where. Without this row the event still verifies: its digest is salted, so that nobody finds out the
    erased details by trying names."""

    event = models.OneToOneField(
        TrailEvent,
        models.DO_NOTHING,
        primary_key=True,
        related_name="personal",
        db_constraint=False,
    )
    salt = models.CharField(max_length=32)
    actor = models.CharField(max_length=254, **TEXT)
    on_behalf_of = models.CharField(max_length=254, **TEXT)
    client = models.CharField(max_length=100, **TEXT, help_text="The token that was used")
    address = models.CharField(max_length=64, **TEXT, help_text="The caller's network address")
    agent = models.CharField(max_length=300, **TEXT, help_text="The caller's program")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["actor", "-event"], name="trail_by_actor"),
            models.Index(fields=["address", "-event"], name="trail_by_address"),
        ]

    def __str__(self) -> str:
        return self.actor


class TrailUnsealed(models.Model):
    """Events that the sealer has not chained yet: written with the event, deleted with the seal."""

    event = models.OneToOneField(
        TrailEvent,
        models.DO_NOTHING,
        primary_key=True,
        related_name="unsealed",
        db_constraint=False,
    )

    def __str__(self) -> str:
        return str(self.event_id)


class TrailCheckpoint(models.Model):
    """Where the chain stood, signed: for somebody to keep elsewhere."""

    number = models.BigIntegerField(primary_key=True)
    digest = models.CharField(max_length=64)
    at = models.DateTimeField()
    signature = models.CharField(max_length=128, help_text="Ed25519, in hexadecimal")

    def __str__(self) -> str:
        return f"{self.number} at {self.at:%Y-%m-%d}"


class TrailSeal(models.Model):
    """One link of the chain. `number` has no gaps; `digest` covers the event and the digest before it."""

    # Not the event's id: a transaction that fails leaves a gap in those, and here a gap is a fault.
    number = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(
        TrailEvent, models.DO_NOTHING, related_name="seal", db_constraint=False
    )
    digest = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.number)

"""A worker owns a request by its `attempt` number: claiming adds one, and every later write says `WHERE attempt = mine`, so
that a worker that was thought dead cannot write over its successor. See `provisioning.requests.leases`.
"""

import secrets
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.utils import timezone

from provisioning.domain import Generated, Requirements, Submission, Usage
from provisioning.domain.status import STATUS_CHOICES, TERMINAL, UNFINISHED, Status
from provisioning.errors import CancelledError, LeaseLostError
from provisioning.models.json_columns import from_json
from provisioning.models.moves import move
from provisioning.models.pull_request import PullRequest
from provisioning.models.signals import request_changed

# With a default of the database, too: an older release beside this schema does not know the columns.
TEXT: dict[str, Any] = {"blank": True, "default": "", "db_default": ""}
# What `opened` reads, for `select_related`.
PULL_REQUEST = ("pull_request", "joined")


def new_request_id() -> str:
    return f"req-{secrets.token_hex(6)}"


class ProvisionRequest(models.Model):
    """What somebody asked for, and how far it is. The fields say what they are in their help texts; the rules of claiming stand
    at the head of this module."""

    request_id = models.CharField(
        max_length=16, unique=True, default=new_request_id, editable=False
    )
    text = models.TextField(help_text="What was asked for, as it was typed")
    requester = models.CharField(
        max_length=200, help_text="Who asked, by the name that the caller used"
    )
    team = models.CharField(
        max_length=100, blank=True, help_text="Whose it will be; everybody in it sees the request"
    )
    service = models.CharField(
        max_length=100,
        blank=True,
        help_text="What it is for; names a resource where the text does not",
    )
    environment = models.CharField(
        max_length=63,
        blank=True,
        help_text="What the form or the call said; empty where only the text says it",
    )
    answers = models.JSONField(
        default=dict, blank=True, help_text="Question id to answer, in the catalog's own words"
    )
    follow_up_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="follow_ups",
        help_text="The request whose questions these answers are to",
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        help_text="Who was signed in; null for a token of a service",
    )
    source = models.CharField(max_length=20, default="api", help_text="web, api or example")
    requester_ref = models.CharField(
        max_length=200, **TEXT, help_text="Entity reference of the requester"
    )
    identity_source = models.CharField(
        max_length=20, **TEXT, help_text="How the portal knew who was calling"
    )
    acting_client = models.CharField(
        max_length=100, **TEXT, help_text="Token or program that asked for the requester"
    )
    idempotency_key = models.CharField(  # noqa: DJ001  null is never equal to null
        max_length=200,
        null=True,
        blank=True,
        help_text="Sent twice by one requester, it makes one request",
    )
    idempotency_digest = models.CharField(
        max_length=64,
        blank=True,
        help_text="Of the body that came with the key: another body is a conflict",
    )

    status = models.CharField(
        max_length=20,
        choices=STATUS_CHOICES,
        default=Status.QUEUED.value,
        help_text="One of the contract's six",
    )
    version = models.PositiveIntegerField(
        default=1, help_text="Grows with each change that a reader can see"
    )
    attempt = models.PositiveIntegerField(
        default=0, help_text="Counted at the claim; every write of a worker names it"
    )
    attempt_limit = models.PositiveIntegerField(
        default=5,
        help_text="Grows with each attempt that ended in words, so it bounds only those that killed their worker",
    )
    lease_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When a worker that gives no sign of life loses it; null while nobody works on it",
    )
    wake_at = models.DateTimeField(
        null=True, blank=True, help_text="When it is queued again; null while the queue holds it"
    )
    waiting_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when something outside has been away for it"
    )
    waiting_for = models.CharField(
        max_length=20, blank=True, db_default="", help_text="The adapter that is away"
    )
    cancel_requested = models.BooleanField(
        default=False, help_text="Somebody asked for its end while a worker had it"
    )

    error = models.TextField(blank=True, help_text="One sentence for its requester")
    error_code = models.CharField(
        max_length=40, blank=True, help_text="The class of that sentence, for programs"
    )
    questions = models.JSONField(
        default=list, blank=True, help_text="What has to be answered, as it is shown"
    )
    requirements_json = models.JSONField(
        null=True, blank=True, help_text="As they were understood, before policy"
    )
    generated_json = models.JSONField(
        null=True, blank=True, help_text="Files, checks and the requirements after policy"
    )
    usage_json = models.JSONField(
        null=True, blank=True, help_text="What the model cost, also where nothing was understood"
    )
    branch_name = models.CharField(
        max_length=250,
        blank=True,
        help_text="Stored before the branch is made, so that a later attempt finds it",
    )
    trail_head = models.CharField(
        max_length=100, **TEXT, help_text="Head of the trail that its commit holds"
    )
    joined = models.ForeignKey(
        PullRequest,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="joiners",
        help_text="Another request's pull request, which holds the same already",
    )
    created_at = models.DateTimeField(
        default=timezone.now,
        editable=False,
        help_text="When it was received; also the date of its commit",
    )
    started_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the last reading of its text began; each new reading overwrites it",
    )
    completed_at = models.DateTimeField(
        null=True, blank=True, help_text="When it ended, completed or failed"
    )

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="request_newest"),
            models.Index(fields=["requester", "-created_at", "-id"], name="request_by_requester"),
            models.Index(fields=["team", "-created_at", "-id"], name="request_by_team"),
            models.Index(Lower("requester"), name="request_by_lower_requester"),
            models.Index(Lower("team"), name="request_by_lower_team"),
            models.Index(fields=["status", "-created_at", "-id"], name="request_by_status"),
            models.Index(fields=["wake_at"], name="request_waiting", condition=Q(wake_at__isnull=False)),
            models.Index(fields=["lease_until"], name="request_leased", condition=Q(lease_until__isnull=False)),
            models.Index(fields=["id"], name="request_unfinished", condition=Q(status__in=UNFINISHED)),
        ]  # fmt: skip
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["requester", "idempotency_key"], name="one_request_per_idempotency_key"
            ),
        ]

    def __str__(self) -> str:
        return self.request_id

    @property
    def submission(self) -> Submission:
        return Submission(
            self.text,
            self.requester,
            self.team,
            self.service,
            self.environment or None,
            dict(self.answers),
        )

    @property
    def finished(self) -> bool:
        return self.status in TERMINAL

    @cached_property
    def requirements(self) -> Requirements | None:
        return from_json(Requirements, self.requirements_json)

    @property
    def usage(self) -> Usage | None:
        """What the model cost, whether it was understood or not; None where no model was asked."""
        usage = self.requirements.usage if self.requirements else from_json(Usage, self.usage_json)
        return usage if usage and usage.calls else None

    @cached_property
    def generated(self) -> Generated | None:
        return from_json(Generated, self.generated_json)

    @property
    def opened(self) -> PullRequest | None:
        """The pull request, once it exists: its own, or the one that it joined."""
        return getattr(self, "pull_request", None) or self.joined

    @property
    def understood(self) -> Requirements | None:
        """As they were written, after policy, or else as they were understood."""
        return self.generated.requirements if self.generated else self.requirements

    @property
    def notes(self) -> tuple[str, ...]:
        return self.understood.notes if self.understood else ()

    def of_the_same_team(self) -> models.QuerySet["ProvisionRequest"]:
        """Who names no team is one of their own."""
        own = Q(team=self.team) if self.team else Q(team="", requester=self.requester)
        return ProvisionRequest.objects.filter(own)

    def renew(self, lease: timedelta) -> bool:
        """False when the request is no longer this attempt's."""
        return bool(self._mine().update(lease_until=Now() + lease))

    def advance(self, status: Status, detail: str = "", **fields: Any) -> None:
        """State, fields and event in one statement. Raises `LeaseLostError` when another attempt has begun and `CancelledError`
        when the requester asked to stop before the pull request was begun."""
        changed = {"status": status, "version": self.version + 1, **fields}
        while not move(self, changed, detail):
            self._catch_up()
            changed["version"] = self.version + 1
        self._set(**changed)

    def store(self, **fields: Any) -> None:
        """Fields without a change of state. Raises `LeaseLostError`."""
        if not self._mine().update(**fields):
            self._catch_up()
        self._set(**fields)

    def note(self, detail: str, actor: str) -> None:
        """An event after the end: the state stays, readers learn that there is something new."""
        with transaction.atomic():
            ProvisionRequest.objects.filter(pk=self.pk).update(version=F("version") + 1)
            self.refresh_from_db()
            self.record(actor, detail)

    def record(self, actor: str, detail: str) -> None:
        """The event of this version: who changed the state to what it is now, and why."""
        self.events.create(
            version=self.version,
            attempt=self.attempt,
            status=self.status,
            actor=actor,
            detail=detail,
        )
        request_changed.send(ProvisionRequest, row=self, actor=actor)

    def _mine(self) -> models.QuerySet["ProvisionRequest"]:
        mine = ProvisionRequest.objects.filter(pk=self.pk, attempt=self.attempt)
        return mine.exclude(status__in=TERMINAL)

    def _catch_up(self) -> None:
        """After a write that changed nothing. Raises why; returns when only a note has come in between."""
        current = ProvisionRequest.objects.get(pk=self.pk)
        if current.cancel_requested and current.attempt == self.attempt and not current.finished:
            raise CancelledError("The requester cancelled it.")
        if current.finished or current.attempt != self.attempt or current.version == self.version:
            raise LeaseLostError(
                f"{self.request_id} is in attempt {current.attempt} ({current.status}), this was {self.attempt}."
            )
        self.version = current.version

    def _set(self, **fields: Any) -> None:
        """As it is stored now. Reading it back would cost more than all else: the files are part of it."""
        for name, value in fields.items():
            setattr(self, name, value)
        self._forget_parsed()

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)
        self._forget_parsed()

    def _forget_parsed(self) -> None:
        for name in ("requirements", "generated"):
            self.__dict__.pop(name, None)

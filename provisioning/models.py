"""What is stored. The request's row is the truth about its state; the queue may deliver late or twice and nothing bad follows.

A worker owns a request by its `attempt` number: claiming adds one, and every later write says `WHERE attempt = mine`, so that
a worker that was thought dead cannot write over its successor. Liveness is a Postgres advisory lock held by the worker's own
session (gone the moment the session is) with `lease_until` as the second sign, for sessions that die without a word.
"""

import secrets
from datetime import timedelta
from functools import cached_property
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils import timezone
from pydantic import TypeAdapter

from provisioning.domain import Generated, PullRequestState, Requirements, Submission, Usage
from provisioning.errors import Cancelled, LeaseLost

# First keys of our advisory locks; the second is the row's id or the team's hash.
IN_WORK, OF_TEAM = 0x1F4A, 0x1F4B
HANDED_OVER_WITHIN = timedelta(
    seconds=30
)  # at the latest by `retries.rescue_stalled`, usually when the team's next one ends

TRY_LOCK = RawSQL(
    "pg_try_advisory_lock(%s, (provisioning_provisionrequest.id %% 2147483648)::int)",
    [IN_WORK],
    output_field=models.BooleanField(),
)

_REQUIREMENTS = TypeAdapter(Requirements)
_GENERATED = TypeAdapter(Generated)
_SEEN = TypeAdapter(PullRequestState)
_USAGE = TypeAdapter(Usage)


class Status(models.TextChoices):
    QUEUED = "queued", "Queued"
    PARSING = "parsing", "Understanding"
    GENERATING = "generating", "Writing Terraform"
    CREATING_PR = "creating_pr", "Opening the pull request"
    COMPLETED = "completed", "Pull request opened"
    FAILED = "failed", "Failed"


WORKING = (Status.PARSING, Status.GENERATING, Status.CREATING_PR)
TERMINAL = (Status.COMPLETED, Status.FAILED)
UNFINISHED = (Status.QUEUED, *WORKING)


def new_request_id() -> str:
    return f"req-{secrets.token_hex(6)}"


class ProvisionRequest(models.Model):
    """`version` grows with each change that a reader can see. `wake_at` is when a schedule puts the request in the queue again
    (a retry that waits); it is null while the queue already holds it."""

    request_id = models.CharField(max_length=16, unique=True, default=new_request_id, editable=False)
    text = models.TextField()
    requester = models.CharField(max_length=200)
    team = models.CharField(max_length=100, blank=True)
    service = models.CharField(max_length=100, blank=True)
    environment = models.CharField(max_length=63, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    follow_up_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="follow_ups")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    source = models.CharField(max_length=20, default="api")
    idempotency_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001  null is never equal to null
    idempotency_digest = models.CharField(max_length=64, blank=True)

    status = models.CharField(max_length=20, choices=Status.choices, default=Status.QUEUED)
    version = models.PositiveIntegerField(default=1)
    attempt = models.PositiveIntegerField(default=0)
    attempt_limit = models.PositiveIntegerField(default=5)
    lease_until = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)

    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    questions = models.JSONField(default=list, blank=True)
    requirements_json = models.JSONField(null=True, blank=True)
    generated_json = models.JSONField(null=True, blank=True)
    usage_json = models.JSONField(null=True, blank=True)
    branch_name = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    locked: bool  # only where `TRY_LOCK` was asked for

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["-created_at", "-id"], name="request_newest"),
            models.Index(fields=["requester", "-created_at", "-id"], name="request_by_requester"),
            models.Index(fields=["team", "-created_at", "-id"], name="request_by_team"),
            models.Index(fields=["status", "-created_at", "-id"], name="request_by_status"),
            models.Index(fields=["wake_at"], name="request_waiting", condition=Q(wake_at__isnull=False)),
            models.Index(fields=["lease_until"], name="request_leased", condition=Q(lease_until__isnull=False)),
            models.Index(fields=["id"], name="request_unfinished", condition=Q(status__in=UNFINISHED)),
        ]  # fmt: skip
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["requester", "idempotency_key"], name="one_request_per_idempotency_key"),
        ]

    def __str__(self) -> str:
        return self.request_id

    @property
    def submission(self) -> Submission:
        return Submission(
            self.text, self.requester, self.team, self.service, self.environment or None, dict(self.answers)
        )

    @property
    def finished(self) -> bool:
        return self.status in TERMINAL

    @cached_property
    def requirements(self) -> Requirements | None:
        return None if self.requirements_json is None else _REQUIREMENTS.validate_python(self.requirements_json)

    @property
    def usage(self) -> Usage | None:
        """What the model cost, whether it was understood or not; None where no model was asked."""
        told = None if self.usage_json is None else _USAGE.validate_python(self.usage_json)
        usage = self.requirements.usage if self.requirements else told
        return usage if usage and usage.calls else None

    @cached_property
    def generated(self) -> Generated | None:
        return None if self.generated_json is None else _GENERATED.validate_python(self.generated_json)

    @property
    def opened(self) -> "PullRequest | None":
        """The pull request, once it exists."""
        return getattr(self, "pull_request", None)

    @property
    def notes(self) -> tuple[str, ...]:
        settled = self.generated.requirements if self.generated else self.requirements
        return settled.notes if settled else ()

    @classmethod
    def claim(cls, request_id: str, lease: timedelta, team_limit: int = 1000) -> Self | None:
        """The request with one attempt more, or None: finished, waiting, in the hands of a living worker, or one too many of
        its team (it then waits to be handed over). The caller must call `release` in the same session when its work ends."""
        row = (
            cls.objects.filter(request_id=request_id).annotate(locked=TRY_LOCK).only("id", "team", "requester").first()
        )
        if row is None:
            return None
        claimed = row._take(lease, team_limit, Q() if row.locked else Q(lease_until__lt=Now()))
        if not claimed and row.locked:
            row.release()
        return cls.objects.get(pk=row.pk) if claimed else None

    @transaction.atomic
    def _take(self, lease: timedelta, team_limit: int, free: Q) -> bool:
        due = Q(wake_at__isnull=True) | Q(wake_at__lte=Now())
        mine = ProvisionRequest.objects.filter(free & due, pk=self.pk).exclude(status__in=TERMINAL)
        if self._team_is_full(team_limit):
            mine.filter(status=Status.QUEUED).update(wake_at=Now() + HANDED_OVER_WITHIN)
            return False
        return bool(mine.update(attempt=F("attempt") + 1, lease_until=Now() + lease, wake_at=None))

    def _team_is_full(self, limit: int) -> bool:
        """Claims of one team stand in line here, so that two at once cannot both be the last that fits."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [OF_TEAM, self.team or self.requester])
        running = self.of_the_same_team().filter(lease_until__gt=Now()).exclude(status__in=TERMINAL).exclude(pk=self.pk)
        return running.count() >= limit

    def of_the_same_team(self) -> models.QuerySet["ProvisionRequest"]:
        """Who names no team is one of their own."""
        own = Q(team=self.team) if self.team else Q(team="", requester=self.requester)
        return ProvisionRequest.objects.filter(own)

    def release(self) -> None:
        _unlock(self.pk)

    def renew(self, lease: timedelta) -> bool:
        """False when the request is no longer this attempt's."""
        return bool(self._mine().update(lease_until=Now() + lease))

    def advance(self, status: Status, detail: str = "", **fields: Any) -> None:
        """State, fields and event in one transaction. Raises `LeaseLost` when another attempt has begun and `Cancelled`
        when the requester asked to stop before the pull request was begun."""
        stoppable = status in {Status.PARSING, Status.GENERATING, Status.CREATING_PR}
        with transaction.atomic():
            mine = self._mine().filter(cancel_requested=False) if stoppable else self._mine()
            while not mine.filter(version=self.version).update(status=status, version=self.version + 1, **fields):
                self._why_not()
            self._set(status=status, version=self.version + 1, **fields)
            self.events.create(version=self.version, attempt=self.attempt, status=status, actor="portal", detail=detail)

    def store(self, **fields: Any) -> None:
        """Fields without a change of state. Raises `LeaseLost`."""
        if not self._mine().update(**fields):
            self._why_not()
        self._set(**fields)

    def _set(self, **fields: Any) -> None:
        """As it is stored now. Reading it back would cost more than all else: the files are part of it."""
        for name, value in fields.items():
            setattr(self, name, value)
        self._forget_parsed()

    def note(self, detail: str, actor: str) -> None:
        """An event after the end: the state stays, readers learn that there is something new."""
        with transaction.atomic():
            ProvisionRequest.objects.filter(pk=self.pk).update(version=F("version") + 1)
            self.refresh_from_db()
            self.events.create(
                version=self.version, attempt=self.attempt, status=self.status, actor=actor, detail=detail
            )

    def _mine(self) -> models.QuerySet["ProvisionRequest"]:
        mine = ProvisionRequest.objects.filter(pk=self.pk, attempt=self.attempt)
        return mine.exclude(status__in=TERMINAL)

    def _why_not(self) -> None:
        """Returns when only a note has come in between."""
        current = ProvisionRequest.objects.get(pk=self.pk)
        if current.cancel_requested and current.attempt == self.attempt and not current.finished:
            raise Cancelled("The requester cancelled it.")
        if current.finished or current.attempt != self.attempt or current.version == self.version:
            raise LeaseLost(
                f"{self.request_id} is in attempt {current.attempt} ({current.status}), this was {self.attempt}."
            )
        self.version = current.version

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)
        self._forget_parsed()

    def _forget_parsed(self) -> None:
        for name in ("requirements", "generated"):
            self.__dict__.pop(name, None)


class RequestEvent(models.Model):
    """History: written with the state in one transaction, never changed."""

    provision_request = models.ForeignKey(ProvisionRequest, models.CASCADE, related_name="events")
    version = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.CharField(max_length=200)
    attempt = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=20, choices=Status.choices)
    detail = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["provision_request", "version"], name="one_event_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.provision_request_id} {self.status}"


class PullRequest(models.Model):
    """What the repository host said when it was last looked at (`seen`). `look_at` is when to look again; null: never, it
    was merged. `memory` is the adapter's own, for conditional requests. `repository` is where `number` means this one."""

    repository = models.CharField(max_length=300, blank=True, db_default="")
    directories = models.JSONField(default=list, blank=True, db_default=Value([], models.JSONField()))
    provision_request = models.OneToOneField(ProvisionRequest, models.CASCADE, related_name="pull_request")
    number = models.PositiveIntegerField()
    url = models.URLField(max_length=500)
    commit_sha = models.CharField(max_length=64)
    state = models.CharField(max_length=20, default="open")
    opened_at = models.DateTimeField(default=timezone.now)
    seen_json = models.JSONField(null=True, blank=True)
    memory = models.JSONField(default=dict, blank=True)
    look_at = models.DateTimeField(null=True, blank=True, default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["look_at"], name="pull_request_due", condition=Q(look_at__isnull=False)),
            models.Index(fields=["number"], name="pull_request_number"),
            models.Index(fields=["repository"], name="pull_request_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def seen(self) -> PullRequestState | None:
        return None if self.seen_json is None else _SEEN.validate_python(self.seen_json)


class OpenDirectories(models.Model):
    """Which directories the open pull requests of a repository change, whoever opened them, with their links, as of
    `looked_at`."""

    repository = models.CharField(max_length=300, unique=True)
    links = models.JSONField(default=dict, blank=True)
    memory = models.JSONField(default=dict, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.repository


class WebhookDelivery(models.Model):
    """A delivery is worked on once, however often it comes."""

    delivery_id = models.CharField(max_length=100, unique=True)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.delivery_id


class DirectoryHold(models.Model):
    """Keeps a directory for one request while its pull request is being opened."""

    directory = models.CharField(max_length=300, unique=True)
    provision_request = models.ForeignKey(ProvisionRequest, models.CASCADE, related_name="holds")

    def __str__(self) -> str:
        return self.directory


class Preview(models.Model):
    """What a requester saw before submitting; a submission that names it is built from exactly this."""

    token = models.CharField(max_length=43, unique=True, default=secrets.token_urlsafe)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True)
    submission_digest = models.CharField(max_length=64)
    requirements_json = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.token


def as_json(value: Requirements | Generated | PullRequestState | Usage) -> Any:
    adapter: TypeAdapter[Any] = TypeAdapter(type(value))
    return adapter.dump_python(value, mode="json")


def _unlock(row: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [IN_WORK, row % 2**31])

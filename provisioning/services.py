"""What people and programs may do with requests. Every way in (page, API, command) calls these and nothing below them."""

import hashlib
import json
from dataclasses import asdict, replace
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from provisioning import wiring
from provisioning.broker import PostgresBroker
from provisioning.domain import Generated, OpenedPullRequest, Question, Submission
from provisioning.errors import IdempotencyConflict, InvalidInput, NotPossible
from provisioning.models import (
    TERMINAL,
    Preview,
    ProvisionRequest,
    PullRequest,
    Status,
    as_json,
)
from provisioning.pipeline.generate import generate
from provisioning.pipeline.screen import screen, screen_field
from provisioning.pipeline.understand import understand

RUN = "provisioning.tasks.run_request"
LIMITS = {"requester": 200, "team": 100, "service": 100}


def submit(
    submission: Submission,
    *,
    user: User | None = None,
    source: str = "api",
    idempotency_key: str | None = None,
    preview: str = "",
) -> ProvisionRequest:
    """The row and its place in the queue in one transaction: either both are there afterwards or neither.

    The same idempotency key with the same submission gives the same request again; with another one `IdempotencyConflict`.
    `preview` is the token of what the requester saw: the pull request is then built from exactly that. Raises `InvalidInput`.
    """
    checked = screened(submission)
    earlier = _earlier(checked, idempotency_key)
    if earlier is not None:
        return earlier
    try:
        with transaction.atomic():
            return _created(checked, user, source, idempotency_key, preview)
    except IntegrityError:
        earlier = _earlier(checked, idempotency_key)
        if earlier is None:
            raise
        return earlier


def _created(checked: Submission, user: User | None, source: str, key: str | None, preview: str) -> ProvisionRequest:
    made = ProvisionRequest.objects.create(
        text=checked.text,
        requester=checked.requester,
        team=checked.team,
        service=checked.service,
        environment=checked.environment or "",
        answers=dict(checked.answers),
        user=user,
        source=source,
        idempotency_key=key,
        idempotency_digest=digest(checked),
        attempt_limit=wiring.portal().request_max_attempts,
        requirements_json=_previewed(preview, checked),
        follow_up_of=_asked(checked.follow_up_of),
    )
    made.events.create(version=1, status=Status.QUEUED, actor=checked.requester, detail="Request received")
    enqueue(made)
    return made


def _asked(request_id: str) -> ProvisionRequest | None:
    if not request_id:
        return None
    asked = ProvisionRequest.objects.filter(request_id=request_id).first()
    if asked is None:
        raise InvalidInput("follow_up_of", f"There is no request {request_id[:40]!r}.")
    return asked


def enqueue(provision_request: ProvisionRequest, delay: float = 0) -> None:
    """Inside the caller's transaction: the queue is a table beside the requests."""
    request_id = provision_request.request_id
    async_task(RUN, request_id, broker=PostgresBroker(delay=delay, subject=request_id))


def hand_over(ended: ProvisionRequest) -> None:
    """The oldest request of the same team that waits for a free place goes into the queue now."""
    with transaction.atomic():
        waiting = ended.of_the_same_team().filter(status=Status.QUEUED, wake_at__isnull=False, error_code="")
        row = waiting.select_for_update(skip_locked=True).order_by("pk").first()
        if row is not None:
            ProvisionRequest.objects.filter(pk=row.pk).update(wake_at=None)
            enqueue(row)


def screened(submission: Submission) -> Submission:
    """The submission as it is stored: text and fields checked, the environment by its canonical name."""
    if not submission.requester.strip():
        raise InvalidInput("requester", "Say who asks: an e-mail address or a user name.")
    fields = {name: screen_field(name, getattr(submission, name), limit) for name, limit in LIMITS.items()}
    answers = {screen_field("answers", key, 120): screen_field("answers", value, 500)
               for key, value in submission.answers.items()}  # fmt: skip
    environment = canonical_environment(submission.environment)
    return replace(submission, text=screen(submission.text), environment=environment, answers=answers, **fields)


def canonical_environment(name: str | None) -> str | None:
    """ "Production" → "prod". Raises `InvalidInput` for a name that platform.toml does not know."""
    if name is None or not name.strip():
        return None
    word = name.strip().lower()
    environments = wiring.catalog().platform.environments
    for canonical, environment in environments.items():
        if word == canonical or word in (spelling.lower() for spelling in environment.spellings):
            return canonical
    allowed = ", ".join(environments)
    raise InvalidInput("environment", f"{name[:40]!r} is not an environment. Allowed: {allowed}.")


def preview(submission: Submission) -> Generated:
    """What the pull request would hold. Creates nothing; may raise every error of understanding and checking."""
    checked = screened(submission)
    catalog = wiring.catalog()
    return generate(catalog, wiring.preview_checker(), understand(wiring.parser(), catalog, checked))


def keep_preview(submission: Submission, generated: Generated, user: User | None) -> str:
    """A token by which `submit` builds exactly this, as long as the submission is still the same."""
    kept = Preview.objects.create(
        user=user, submission_digest=digest(screened(submission)), requirements_json=as_json(generated.requirements)
    )
    return kept.token


def _previewed(token: str, checked: Submission) -> Any:
    if not token:
        return None
    kept = Preview.objects.filter(token=token, submission_digest=digest(checked)).first()
    return kept.requirements_json if kept else None


def digest(submission: Submission) -> str:
    """Of what decides the outcome: two submissions with one digest ask for the same."""
    submission = replace(submission, follow_up_of="")
    return hashlib.sha256(json.dumps(asdict(submission), sort_keys=True).encode()).hexdigest()


def _earlier(checked: Submission, key: str | None) -> ProvisionRequest | None:
    if key is None:
        return None
    earlier = ProvisionRequest.objects.filter(requester=checked.requester, idempotency_key=key).first()
    if earlier is not None and earlier.idempotency_digest != digest(checked):
        raise IdempotencyConflict(
            "Idempotency-Key", f"This key was used for another request ({earlier.request_id}). Use a new key."
        )
    return earlier


def cancel(provision_request: ProvisionRequest, actor: str) -> None:
    """At once while queued; otherwise before the next phase begins. Raises `NotPossible` once the pull request is begun."""
    with transaction.atomic():
        row = ProvisionRequest.objects.select_for_update().get(pk=provision_request.pk)
        if row.finished or row.status == Status.CREATING_PR:
            raise NotPossible(f"The request is {row.get_status_display().lower()}; it can no longer be cancelled.")
        if row.status == Status.QUEUED:
            finish(row, actor, "cancelled", "Cancelled before anything was created.")
        else:
            ProvisionRequest.objects.filter(pk=row.pk).update(cancel_requested=True)


def retry(provision_request: ProvisionRequest, actor: str) -> ProvisionRequest:
    """The same request once more from where it stopped; its history goes on. Raises `NotPossible` unless it failed."""
    with transaction.atomic():
        row = ProvisionRequest.objects.select_for_update().get(pk=provision_request.pk)
        if row.status != Status.FAILED:
            raise NotPossible("Only a failed request can be tried again.")
        ProvisionRequest.objects.filter(pk=row.pk).update(
            status=Status.QUEUED,
            version=F("version") + 1,
            attempt_limit=F("attempt") + wiring.portal().request_max_attempts,
            error="",
            error_code="",
            questions=[],
            cancel_requested=False,
            lease_until=None,
            wake_at=None,
            completed_at=None,
        )
        row.refresh_from_db()
        row.events.create(
            version=row.version, attempt=row.attempt, status=row.status, actor=actor, detail="Tried again"
        )
        enqueue(row)
    return row


def finish(row: ProvisionRequest, actor: str, code: str, message: str, **fields: Any) -> None:
    """The one way to `failed`. The caller holds the row or its attempt; a second call changes nothing."""
    with transaction.atomic():
        changed = ProvisionRequest.objects.filter(pk=row.pk, attempt=row.attempt).exclude(status__in=TERMINAL)
        if not changed.update(
            status=Status.FAILED,
            version=F("version") + 1,
            error=message,
            error_code=code,
            lease_until=None,
            wake_at=None,
            completed_at=timezone.now(),
            **fields,
        ):
            return
        row.refresh_from_db()
        row.holds.all().delete()
        row.events.create(version=row.version, attempt=row.attempt, status=row.status, actor=actor, detail=message)


def record_pull_request(row: ProvisionRequest, opened: OpenedPullRequest) -> None:
    values = {
        "repository": wiring.repository(),
        "number": opened.number,
        "url": opened.url,
        "commit_sha": opened.commit_sha,
        "state": opened.state,
        "directories": [one.directory for one in row.generated.resources] if row.generated else [],
    }
    PullRequest.objects.update_or_create(provision_request=row, defaults=values)


def question_json(question: Question) -> dict[str, Any]:
    return asdict(question) | {"choices": list(question.choices)}


def visible_to(user: User | AnonymousUser) -> QuerySet[ProvisionRequest]:
    """Own requests and those of the teams (groups) the user belongs to; everything for staff, nothing for strangers."""
    if not user.is_authenticated:
        return ProvisionRequest.objects.none()
    if user.is_staff:
        return ProvisionRequest.objects.all()
    teams = list(user.groups.values_list("name", flat=True))
    return ProvisionRequest.objects.filter(Q(user=user) | Q(team__in=teams))

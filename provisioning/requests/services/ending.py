"""The ways to `failed`, and the way back from there."""

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from provisioning import wiring
from provisioning.errors import NotPossibleError
from provisioning.models import TERMINAL, ProvisionRequest, Status
from provisioning.requests.services.directories import release_directories
from provisioning.requests.services.queueing import enqueue
from provisioning.requests.services.ranges import release_ranges


def cancel(provision_request: ProvisionRequest, actor: str) -> None:
    """At once while queued; otherwise before the next phase begins. Raises `NotPossibleError` once the pull request is begun."""
    with transaction.atomic():
        row = ProvisionRequest.objects.select_for_update().get(pk=provision_request.pk)
        if row.finished or row.status == Status.CREATING_PR:
            raise NotPossibleError(
                f"The request is {row.get_status_display().lower()}; it can no longer be cancelled."
            )
        if row.status == Status.QUEUED:
            finish(row, actor, "cancelled", "Cancelled before anything was created.")
        else:
            ProvisionRequest.objects.filter(pk=row.pk).update(cancel_requested=True)


def retry(provision_request: ProvisionRequest, actor: str) -> ProvisionRequest:
    """The same request once more from where it stopped; its history goes on. Raises `NotPossibleError` unless it failed."""
    with transaction.atomic():
        row = ProvisionRequest.objects.select_for_update().get(pk=provision_request.pk)
        if row.status != Status.FAILED:
            raise NotPossibleError("Only a failed request can be tried again.")
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
            waiting_since=None,
            completed_at=None,
        )
        row.refresh_from_db()
        row.record(actor, "Tried again")
        enqueue(row)
    return row


def finish(row: ProvisionRequest, actor: str, code: str, message: str, **fields: Any) -> None:
    """The one way to `failed`. The caller holds the row or its attempt; a second call changes nothing."""
    with transaction.atomic():
        changed = ProvisionRequest.objects.filter(pk=row.pk, attempt=row.attempt).exclude(
            status__in=TERMINAL
        )
        if not changed.update(
            status=Status.FAILED,
            version=F("version") + 1,
            error=message,
            error_code=code,
            lease_until=None,
            wake_at=None,
            waiting_since=None,
            completed_at=timezone.now(),
            **fields,
        ):
            return
        row.refresh_from_db()
        release_directories(row)
        release_ranges(row)
        row.record(actor, message)

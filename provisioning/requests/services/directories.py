"""Who is about to write to a directory. One request at a time; whoever wants to write the same waits for it."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from provisioning import wiring
from provisioning.domain import Generated, RenderedResource
from provisioning.errors import DirectoryConflictError, SameUnderwayError
from provisioning.models import DirectoryHold, ProvisionRequest, Status, database_now
from provisioning.pipeline.sameness import holds_the_same
from provisioning.requests.services.queueing import enqueue

# Whoever ends wakes those that wait for it; this is for a wake that was lost.
LOOK_AGAIN_AFTER = timedelta(seconds=30)


def hold_directories(claimed: ProvisionRequest, generated: Generated) -> None:
    """Raises `SameUnderwayError` when another running request writes the same there, and `DirectoryConflictError` when it
    writes something else. In order of their names, so that two requests never wait for one another."""
    for resource in sorted(generated.resources, key=lambda one: one.directory):
        hold, _ = DirectoryHold.objects.get_or_create(
            directory=resource.directory, defaults={"provision_request": claimed}
        )
        if hold.provision_request_id != claimed.pk:
            _refuse(resource, hold.provision_request)


def _refuse(resource: RenderedResource, holder: ProvisionRequest) -> None:
    link = f"{wiring.public_url()}/requests/{holder.request_id}"
    if _writes_the_same(resource, holder):
        raise SameUnderwayError(
            f"{link} is about to open a pull request with the same; this request waits for it.",
            resource.directory,
        )
    raise DirectoryConflictError(
        f"{resource.directory} is being written by {link}. Wait for it, or ask for another name."
    )


def _writes_the_same(resource: RenderedResource, holder: ProvisionRequest) -> bool:
    theirs = holder.generated.resources if holder.generated else ()
    there = next((one.files for one in theirs if one.directory == resource.directory), None)
    return there is not None and holds_the_same(wiring.catalog(), resource.files, there)


def wait_for_the_same(claimed: ProvisionRequest, error: SameUnderwayError) -> None:
    """Back to the queue, woken by the end of the other one. Such a wait is no attempt that failed."""
    with transaction.atomic():
        claimed.holds.all().delete()
        # Locked, the hold cannot go before this wait can be seen by whoever ends it.
        held = DirectoryHold.objects.select_for_update().filter(directory=error.directory).first()
        claimed.advance(
            Status.QUEUED,
            error.message,
            lease_until=None,
            wake_at=database_now() + LOOK_AGAIN_AFTER,
            error_code=error.code,
            attempt_limit=claimed.attempt_limit + 1,
        )
        if held is None:
            _wake(claimed)


def release_directories(ended: ProvisionRequest) -> None:
    """In the transaction that ends the request. The oldest of those that wait for the same goes on; it wakes the next."""
    held = list(ended.holds.values_list("directory", flat=True))
    ended.holds.all().delete()
    waiting = _waiting_for(held).order_by("pk").first() if held else None
    if waiting:
        _wake(waiting)


def _waiting_for(directories: list[str]) -> QuerySet[ProvisionRequest]:
    of_one = Q()
    for directory in directories:
        of_one |= Q(generated_json__resources__contains=[{"directory": directory}])
    waiting = ProvisionRequest.objects.filter(
        status=Status.QUEUED, wake_at__isnull=False, error_code=SameUnderwayError.code
    )
    return waiting.filter(of_one)


def _wake(waiting: ProvisionRequest) -> None:
    ProvisionRequest.objects.filter(pk=waiting.pk).update(wake_at=None)
    enqueue(waiting)

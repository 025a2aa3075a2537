"""How a request comes to a worker: inside the caller's transaction, for the queue is a table beside the requests."""

from django.db import transaction
from django_q.tasks import async_task

from provisioning.models import ProvisionRequest, Status
from provisioning.queue.broker import PostgresBroker

RUN = "provisioning.requests.tasks.run_request"


def enqueue(provision_request: ProvisionRequest, delay: float = 0) -> None:
    request_id = provision_request.request_id
    async_task(RUN, request_id, broker=PostgresBroker(delay=delay, subject=request_id))


def enqueue_next_of_team(ended: ProvisionRequest) -> None:
    """The oldest request of the same team that waits for a free place goes into the queue now."""
    with transaction.atomic():
        waiting = ended.of_the_same_team().filter(
            status=Status.QUEUED, wake_at__isnull=False, error_code=""
        )
        row = waiting.select_for_update(skip_locked=True).order_by("pk").first()
        if row is not None:
            ProvisionRequest.objects.filter(pk=row.pk).update(wake_at=None)
            enqueue(row)

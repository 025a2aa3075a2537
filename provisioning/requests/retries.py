"""What brings a request to a worker again. Every unfinished request has a task in the queue, a living worker or an instant at
which it is queued again; `rescue_stalled` looks for those that have lost it."""

import random

from django.db import models, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from provisioning.models import UNFINISHED, ProvisionRequest
from provisioning.queue.claims import MAX_DELIVERIES
from provisioning.requests import services
from provisioning.requests.leases import HELD

# Five minutes: an operator who has mended something need not wait longer to see it.
LONGEST_WAIT_SECONDS = 300
# A look is short, whatever lies there after an outage; the next one is three seconds away.
RESCUED_AT_ONCE = 100

QUEUED = RawSQL(
    "EXISTS (SELECT 1 FROM django_q_ormq WHERE subject = provisioning_provisionrequest.request_id AND deliveries < %s)",
    [MAX_DELIVERIES],
    output_field=models.BooleanField(),
)


def delay(attempt: int) -> float:
    """Seconds after an attempt that ended without a word, with jitter over a doubling bound
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)."""
    bound = min(LONGEST_WAIT_SECONDS, 2.0**attempt)
    return random.uniform(bound / 2, bound)  # noqa: S311  no secret


def rescue_stalled() -> int:
    """Returns how many requests it touched. Safe to run in several processes at once: a request that is queued twice is worked
    on once."""
    return sum(map(_rescue, _stalled().order_by("pk")[:RESCUED_AT_ONCE]))


def _stalled() -> models.QuerySet[ProvisionRequest]:
    """A wait that is over, a lease that ran out, a lock that went with its session, or a task that the queue lost."""
    over = (
        Q(wake_at__lte=Now()) | Q(lease_until__lt=Now()) | Q(lease_until__isnull=False, held=False)
    )
    lost = Q(wake_at__isnull=True, lease_until__isnull=True, queued=False)
    unfinished = ProvisionRequest.objects.filter(status__in=UNFINISHED)
    return unfinished.alias(held=HELD, queued=QUEUED).filter(over | lost)


@transaction.atomic
def _rescue(row: ProvisionRequest) -> bool:
    """A task that a dying worker gave back is in the queue; an attempt that ended with an unexpected error took its task along,
    and the next one begins later each time."""
    unfinished = ProvisionRequest.objects.filter(pk=row.pk, status__in=UNFINISHED)
    as_read = unfinished.filter(
        attempt=row.attempt, lease_until=row.lease_until, wake_at=row.wake_at
    )
    if not as_read.update(lease_until=None, wake_at=None):
        return False
    if not unfinished.alias(queued=QUEUED).filter(queued=True).exists():
        services.enqueue(row, 0 if row.wake_at or not row.attempt else delay(row.attempt))
    return True

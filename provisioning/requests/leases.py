"""How a worker takes a request, keeps it and lets it go.

While it works it holds a Postgres advisory lock in its own session, gone the moment the session is. `lease_until`, renewed by
a thread, is the second sign, for sessions that die without a word.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from django.db.models import BooleanField, Count, F, Q, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Now
from django.db.models.lookups import LessThan

from provisioning.models import TERMINAL, ProvisionRequest, Status
from provisioning.models.provision_request import compiled_update

# First keys of our advisory locks; the second is the row's id or the team's hash.
IN_WORK, OF_TEAM = 0x1F4A, 0x1F4B
# At the latest, by `retries.rescue_stalled`; usually when the team's next one ends.
HANDED_OVER_WITHIN = timedelta(seconds=30)

FORGOTTEN = {"error_code": ""}

TRY_LOCK = RawSQL(
    "pg_try_advisory_lock(%s, (provisioning_provisionrequest.id %% 2147483648)::int)",
    [IN_WORK],
    output_field=BooleanField(),
)
HELD = RawSQL(
    "EXISTS (SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
    " WHERE locktype = 'advisory' AND datname = current_database() AND classid = %s"
    " AND objid = (provisioning_provisionrequest.id %% 2147483648)::oid)",
    [IN_WORK],
    output_field=BooleanField(),
)


def claim(request_id: str, lease: timedelta, team_limit: int = 1000) -> ProvisionRequest | None:
    """The request with one attempt more, or None: finished, waiting, in the hands of a living worker, or one too many of
    its team (it then waits to be handed over). The caller must call `release` in the same session when its work ends."""
    named = ProvisionRequest.objects.filter(request_id=request_id)
    row = named.annotate(locked=TRY_LOCK).only("id", "team", "requester").first()
    if row is None:
        return None
    free = Q() if row.locked else Q(lease_until__lt=Now())
    taken = _take(row, lease, team_limit, free)
    if taken is None and row.locked:
        release(row)
    return taken


@transaction.atomic
def _take(
    row: ProvisionRequest, lease: timedelta, team_limit: int, free: Q
) -> ProvisionRequest | None:
    """Claims of one team stand in line here, so that two at once cannot both be the last that fits; the count is the next
    statement, which sees what the one before in the line has committed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [OF_TEAM, row.team or row.requester]
        )
    due = Q(wake_at__isnull=True) | Q(wake_at__lte=Now())
    mine = ProvisionRequest.objects.filter(free & due, pk=row.pk).exclude(status__in=TERMINAL)
    # What was wrong in the attempt before is in the history; from here on it is no longer so.
    changed = {"attempt": F("attempt") + 1, "lease_until": Now() + lease, "wake_at": None}
    update, values = compiled_update(
        mine.filter(_team_has_room(row, team_limit)), changed | FORGOTTEN
    )
    taken = list(ProvisionRequest.objects.raw(f"{update} RETURNING *", values))
    if not taken and not mine.filter(_team_has_room(row, team_limit)).exists():
        waits = mine.filter(status=Status.QUEUED)
        waits.update(wake_at=Now() + HANDED_OVER_WITHIN, **FORGOTTEN)
    return taken[0] if taken else None


def _team_has_room(row: ProvisionRequest, limit: int) -> LessThan:
    running = (
        row.of_the_same_team()
        .filter(lease_until__gt=Now())
        .exclude(status__in=TERMINAL)
        .exclude(pk=row.pk)
    )
    count = running.order_by().values(all=Value(1)).annotate(count=Count("*")).values("count")
    return LessThan(Coalesce(Subquery(count), 0), limit)


@contextmanager
def renewed(claimed: ProvisionRequest, lease: timedelta) -> Iterator[None]:
    """A renewal that fails is not an error here: a lost lease shows at the next state change."""
    stop = threading.Event()
    thread = threading.Thread(target=_renew, args=(claimed, lease, stop), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _renew(claimed: ProvisionRequest, lease: timedelta, stop: threading.Event) -> None:
    while not stop.wait(lease.total_seconds() / 3):
        try:
            if not claimed.renew(lease):
                return
        except OperationalError:
            connection.close()
        finally:
            connection.close_if_unusable_or_obsolete()
    connection.close()


def release(row: ProvisionRequest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [IN_WORK, row.pk % 2**31])

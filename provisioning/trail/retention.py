"""Forgetting by rule: whole days of the trail, and the details of one person. Both leave a chain that verifies.

Only the tables' owner may: web and worker connect with a role that cannot.
"""

from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, transaction

from provisioning.models import TrailSeal
from provisioning.trail import record
from provisioning.trail.record import TrailEntry

DROPPED = "trail.dropped"
# Ends with the transaction: without it, the triggers refuse each DELETE.
ALLOW = "SET LOCAL infrallm.retention = 'on'"
# The records before the first one of a day that is kept, so that what stays is one piece.
FIRST_KEPT = """
    SELECT min(seal.number) FROM provisioning_trailseal seal
    JOIN provisioning_trailevent event ON event.id = seal.event_id WHERE event.at >= %s
"""
# Seals last: the other two find their rows by them.
DROP = (
    """DELETE FROM provisioning_trailpersonal
       WHERE event_id IN (SELECT event_id FROM provisioning_trailseal WHERE number <= %s)""",
    """DELETE FROM provisioning_trailevent
       WHERE id IN (SELECT event_id FROM provisioning_trailseal WHERE number <= %s)""",
    "DELETE FROM provisioning_trailseal WHERE number <= %s",
)
ERASE = "DELETE FROM provisioning_trailpersonal WHERE actor = %s OR on_behalf_of = %s"


def drop_before(day: date) -> int:
    """Drops the records of the days before it, and records up to which one: `verify` begins there. Returns how many."""
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FIRST_KEPT, [begin])
        last = _last_before(cursor.fetchone()[0])
        if last is None:
            return 0
        count = TrailSeal.objects.filter(number__lte=last.number).count()
        # In the same transaction: without this event, verify would call what is dropped missing.
        data: dict[str, Any] = {"until": last.number, "digest": last.digest, "before": f"{day}"}
        record.record(TrailEntry(DROPPED, "trail", data=data))
        cursor.execute(ALLOW)
        for statement in DROP:
            cursor.execute(statement, [last.number])
    return count


def _last_before(first_kept: int | None) -> TrailSeal | None:
    """The newest record is kept whatever its day: the sealer chains the next one to it."""
    newest = TrailSeal.objects.order_by("-number")
    if first_kept is None:
        return newest[1:2].first()
    return newest.filter(number__lt=first_kept).first()


def erase(name: str) -> int:
    """Takes the details out of all events that name this person; what happened stays. Returns of how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ALLOW)
        cursor.execute(ERASE, [name, name])
        erased: int = cursor.rowcount
        if erased:
            record.record(TrailEntry("person.erased", "trail", data={"events": erased}))
    return erased

"""One budget for what is written to GitHub, in Postgres, shared by all workers and fair between teams."""

from datetime import timedelta

from django.db import connection, transaction

from provisioning import wiring
from provisioning.domain import Change
from provisioning.errors import HostTurnError
from provisioning.models import HostWrites, ProvisionRequest, Status, database_now
from provisioning.pipeline import call_budget
from provisioning.pipeline.call_budget import Spent

HOST_WRITES = 0x51C6  # the advisory lock's first key
# GitHub counts what creates content by the hour.
HOUR = timedelta(hours=1)


def take(claimed: ProvisionRequest, change: Change) -> None:
    """Grants the writes of one pull request, once an hour: a later attempt writes what the first one did not. Raises
    `HostTurnError` while it is not this request's turn."""
    if wiring.repository() == wiring.EMBEDDED_HOST:
        return
    with transaction.atomic():
        _stand_in_line()
        now = database_now()
        HostWrites.objects.filter(at__lte=now - HOUR).delete()
        granted = HostWrites.objects.values_list("provision_request", "number", "at")
        if any(pk == claimed.pk for pk, _, _ in granted):
            return
        spent = [Spent(at.timestamp(), number) for _, number, at in granted]
        ahead = call_budget.before(_waiting(), _place(claimed))
        mine = _writes(change)
        costs = [mine] * (ahead + 1)
        seconds = call_budget.turn(spent, costs, now.timestamp()) - now.timestamp()
        if seconds <= 0:
            HostWrites.objects.create(provision_request=claimed, number=mine, at=now)
            return
    raise HostTurnError(seconds, ahead)


def _writes(change: Change) -> int:
    """Labels and reviewers are a call each."""
    asked = bool(change.labels) + bool(change.reviewers or change.team_reviewers)
    return wiring.pull_requests().writes + asked


def _stand_in_line() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [HOST_WRITES])


def _waiting() -> list[tuple[str, int]]:
    rows = ProvisionRequest.objects.filter(status=Status.QUEUED, error_code=HostTurnError.code)
    return [_place(row) for row in rows.only("id", "team", "requester")]


def _place(row: ProvisionRequest) -> tuple[str, int]:
    return row.team or row.requester, row.pk

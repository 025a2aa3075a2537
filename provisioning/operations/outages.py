"""What is outside and away, as the requests that wait for it and the looks that failed have found it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet, Sum

from provisioning.errors import SameUnderwayError
from provisioning.models import ProvisionRequest, PullRequest, Status

NAMES = {"claude": "Claude", "github": "GitHub", "terraform": "Terraform"}
PORTALS_OWN = "A part of the portal"
AWAY = "has been away"
SAID = {
    "rate_limited": "has taken no more calls (its rate limit)",
    "upstream_key_refused": "has refused the portal's key",
    "upstream_overloaded": "has been overloaded",
}


@dataclass(frozen=True, slots=True)
class Outage:
    service: str
    since: datetime
    waiting: int


def now() -> list[Outage]:
    """Per service, what the requests that wait at this moment wait for."""
    rows = waiting().values("waiting_for").annotate(since=Min("waiting_since"), number=Count("pk"))
    return [Outage(_named(row["waiting_for"]), row["since"], row["number"]) for row in rows]


def waiting() -> QuerySet[ProvisionRequest]:
    # One that another request of our own makes wait waits for nothing outside.
    queued = ProvisionRequest.objects.filter(status=Status.QUEUED, waiting_since__isnull=False)
    return queued.exclude(error_code__in=["", SameUnderwayError.code]).order_by()


def summary(outage: Outage) -> str:
    many = f"{outage.waiting} requests wait" if outage.waiting > 1 else "1 request waits"
    return f"{outage.service} {AWAY} since {outage.since:%Y-%m-%d %H:%M} UTC: {many} for it."


def sentence(row: ProvisionRequest) -> str:
    """For the requester of one that waits; "" when it waits for nothing outside."""
    if not row.waiting_since:
        return ""
    what = SAID.get(row.error_code, AWAY)
    return f"{_named(row.waiting_for)} {what} since {row.waiting_since:%Y-%m-%d %H:%M} UTC."


def _named(adapter: str) -> str:
    return NAMES.get(adapter, PORTALS_OWN)


def failing_looks(repository: str) -> str:
    """One sentence about pull requests whose state the host has not told; "" when it has told all."""
    failing = PullRequest.objects.filter(failing_since__isnull=False, repository=repository)
    first = failing.order_by("failing_since").first()
    if first is None or first.failing_since is None:
        return ""
    return (
        f"{failing.count()} pull requests are shown as they were at {first.failing_since:%Y-%m-%d %H:%M} UTC. "
        f"{first.look_error}"
    )


def looks_failed() -> int:
    """All that ever failed: grows only."""
    return PullRequest.objects.aggregate(all=Sum("looks_failed"))["all"] or 0

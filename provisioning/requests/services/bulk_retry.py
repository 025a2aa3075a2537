"""What failed in a window, once more: for operators, after something outside was away for longer than the portal waits."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from provisioning import errors
from provisioning.errors import NotPossibleError, PortalError
from provisioning.models import ProvisionRequest, Status
from provisioning.requests.services.ending import retry


@dataclass(frozen=True, slots=True)
class FailureWindow:
    """Requests that failed in [since, until) with one of the codes; without codes, with one from outside."""

    since: datetime
    until: datetime
    codes: frozenset[str] = frozenset()

    def requests(self) -> list[ProvisionRequest]:
        """The oldest first."""
        codes = self.codes or outside_codes()
        failed = ProvisionRequest.objects.filter(status=Status.FAILED, error_code__in=codes)
        within = failed.filter(completed_at__gte=self.since, completed_at__lt=self.until)
        return list(within.order_by("completed_at", "pk").defer("generated_json"))


def outside_codes() -> frozenset[str]:
    """Of the errors that say something of a service outside and nothing of the request."""
    roots = (errors.UpstreamUnavailableError, errors.UpstreamRefusedError)
    return frozenset(kind.code for root in roots for kind in (root, *_below(root)))


def _below(kind: type[PortalError]) -> Iterator[type[PortalError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def retry_failed(window: FailureWindow, actor: str) -> Collection[ProvisionRequest]:
    """Returns those that are queued again. A second call finds none of them; one that somebody retried meanwhile is left
    alone."""
    return [row for row in window.requests() if _retried(row, actor)]


def _retried(row: ProvisionRequest, actor: str) -> bool:
    try:
        retry(row, actor)
    except NotPossibleError:
        return False
    return True

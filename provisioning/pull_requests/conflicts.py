"""Is somebody else about to write to the same place? The base branch and running requests are asked elsewhere; this is
about open pull requests: the portal's own, which it stores, and everybody else's, which a schedule reads beforehand so that
a request is not kept waiting for them."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from django.utils import timezone
from django_q.tasks import async_task

from provisioning import wiring
from provisioning.errors import PortalError
from provisioning.models import OpenDirectories, ProvisionRequest
from provisioning.pipeline.publish import taken_by_open as within
from provisioning.pull_requests import sync

# A little less than the minute in which the clock reads ahead.
FRESH = timedelta(seconds=55)
# For so long what was read ahead is believed where it says that nothing is in the way; where something is, it is read anew.
STALE = timedelta(minutes=5)


def taken_by_open(asking: ProvisionRequest, wanted: Sequence[str]) -> dict[str, str]:
    """Directory → link. Nobody is refused for what was true a while ago: what stands in the way is looked at again."""
    return _by_ours(asking, wanted) or _by_anybody(wanted)


def _by_ours(asking: ProvisionRequest, wanted: Sequence[str]) -> dict[str, str]:
    rows = sync.for_current_repository().filter(
        state="open", directories__has_any_keys=list(wanted)
    )
    taken: dict[str, str] = {}
    for row in rows.exclude(provision_request=asking):
        sync.sync_pull_request(row.pk)
        row.refresh_from_db(fields=["state"])
        if row.state == "open":
            taken |= {directory: row.url for directory in wanted if directory in row.directories}
    return taken


def _by_anybody(wanted: Sequence[str]) -> dict[str, str]:
    if wiring.repository() == wiring.EMBEDDED_HOST:
        return {}  # a look at its base branch sees its open pull requests too
    known = within(wanted, _links(STALE))
    return within(wanted, _links(timedelta())) if known else {}


def _links(oldest: timedelta) -> dict[str, str]:
    row, _ = OpenDirectories.objects.get_or_create(repository=wiring.repository())
    if row.looked_at is None or timezone.now() - row.looked_at >= oldest:
        row.looked_at = timezone.now()
        links, memory = wiring.pull_request_reader().directories(row.memory)
        row.links, row.memory = dict(links), dict(memory)
        row.save()
    return dict(row.links)


def look_ahead() -> None:
    """Twice within a minute is once. While the host does not answer, what is known stays."""
    with suppress(PortalError):
        _links(FRESH)


def look_ahead_soon() -> None:
    """For the clock, which must not wait for anybody."""
    if wiring.repository() != wiring.EMBEDDED_HOST:
        async_task("provisioning.pull_requests.conflicts.look_ahead", cluster=sync.LANE)

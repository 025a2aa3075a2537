"""Who has a directory already that a preview would write to. What is known here; the host itself is asked when the
pull request is opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from provisioning.domain.identity import Caller
from provisioning.models import PullRequest
from provisioning.pull_requests.sync import for_current_repository
from provisioning.requests.services.visibility import visible_to


@dataclass(frozen=True, slots=True)
class Taken:
    """`resource` is the number of the preview's resource; `request_id` is empty where the caller may not see the request."""

    resource: int
    directory: str
    number: int
    url: str
    state: str
    since: datetime
    request_id: str


def taken(directories: Sequence[str], caller: Caller) -> list[Taken]:
    """The newest open or merged pull request of each directory that has one."""
    rows = for_current_repository().filter(
        state__in=("open", "merged"), directories__has_any_keys=list(directories)
    )
    found: dict[str, PullRequest] = {}
    for row in rows.select_related("provision_request").order_by("number"):
        found |= {directory: row for directory in directories if directory in row.directories}
    asked = [row.provision_request_id for row in found.values()]
    visible = set(visible_to(caller).filter(pk__in=asked).values_list("pk", flat=True))
    listed = []
    for directory, row in found.items():
        number = 1 + directories.index(directory)
        seen = row.provision_request_id in visible
        listed.append(_taken(number, directory, row, seen=seen))
    return listed


def _taken(number: int, directory: str, row: PullRequest, *, seen: bool) -> Taken:
    request_id = row.provision_request.request_id if seen else ""
    return Taken(number, directory, row.number, row.url, row.state, row.opened_at, request_id)

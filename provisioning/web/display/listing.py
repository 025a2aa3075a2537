"""What the list of requests shows: the names of its filters, and a row's type, environments and times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioning.catalog import Catalog
from provisioning.errors import CancelledError, ClarificationNeededError, PortalError
from provisioning.web.display.detail import environments
from provisioning.web.display.status import PULL_REQUEST
from provisioning.web.display.words import day

if TYPE_CHECKING:
    from provisioning.models import ProvisionRequest
    from provisioning.requests.queries import RequestPage

# In the order of a request's life; `requests/queries.py` says what each of them means.
STATUS_TITLES: Mapping[str, str] = {
    "running": "Running",
    "open": PULL_REQUEST["open"].word,
    "merged": PULL_REQUEST["merged"].word,
    "closed": PULL_REQUEST["closed"].word,
    "answer": ClarificationNeededError.label,
    "failed": PortalError.label,
    "cancelled": CancelledError.label,
}


@dataclass(frozen=True, slots=True)
class Row:
    row: "ProvisionRequest"
    type: str
    environments: Sequence[str]

    @property
    def day(self) -> str:
        return day(self.row.created_at)

    @property
    def seconds(self) -> float | None:
        """From the request to its end."""
        ended = self.row.completed_at
        return (ended - self.row.created_at).total_seconds() if ended else None


@dataclass(frozen=True, slots=True)
class Listing:
    """`older` and `newer` are cursors, empty where there is nothing in that direction."""

    rows: tuple[Row, ...]
    older: str = ""
    newer: str = ""
    lost: bool = False

    @property
    def running(self) -> list[str]:
        return [row.row.request_id for row in self.rows if not row.row.finished]

    @property
    def versions(self) -> int:
        return sum(row.row.version for row in self.rows if not row.row.finished)


def listing_of(page: "RequestPage", catalog: Catalog) -> Listing:
    rows = [_row(row, catalog) for row in page.rows]
    return Listing(tuple(rows), page.older, page.newer, page.lost)


def _row(row: "ProvisionRequest", catalog: Catalog) -> Row:
    settled = (row.requirements_json or {}).get("resources", [])
    titles = []
    for name in dict.fromkeys(str(resource["type"]) for resource in settled):
        # A type that was taken out of the catalog since has no title any more.
        known = catalog.types.get(name)
        titles.append(known.file.title if known else name)
    return Row(row, ", ".join(titles), environments(row))

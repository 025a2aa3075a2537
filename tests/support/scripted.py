"""A parser that claims what a test tells it to claim."""

from collections.abc import Sequence
from pathlib import Path

from provisioning.catalog import Catalog, load_catalog
from provisioning.domain import Reading, ReadResource, ReadValue, Submission
from provisioning.domain.health import EMBEDDED, Health

SMALL = Path(__file__).parents[1] / "catalogs" / "small"


def small_catalog() -> Catalog:
    return load_catalog([SMALL])


class Scripted:
    """Gives its readings one after the other and keeps what it was told was wrong with the last one."""

    name = "scripted"

    def __init__(self, *readings: Reading) -> None:
        self.readings = list(readings)
        self.complaints: list[Sequence[str]] = []

    def read(
        self,
        submission: Submission,
        catalog: Catalog,
        complaints: Sequence[str] = (),
        first: str = "",
    ) -> Reading:
        self.complaints.append(complaints)
        return self.readings.pop(0)

    def health(self) -> Health:
        return EMBEDDED


def database(*parameters: tuple[str, object, str], **more: object) -> Reading:
    values = tuple(ReadValue(name, value, quote) for name, value, quote in parameters)  # type: ignore[arg-type]
    return Reading("ok", (ReadResource("database", values, **more),), parser="scripted")  # type: ignore[arg-type]


def asking(
    text: str = "production Postgres database for payments API", **more: object
) -> Submission:
    return Submission(text, "ana@example.com", **more)  # type: ignore[arg-type]

"""One parser in the place of another that is down for the moment."""

from collections.abc import Sequence
from dataclasses import replace

from provisioning.catalog import Catalog
from provisioning.domain import Reading, Submission
from provisioning.errors import UpstreamUnavailableError
from provisioning.ports import RequestParser


class WithFallback:
    """Only an outage makes the second one read; a refusal or a question of the first one stands. The request says so."""

    def __init__(self, first: RequestParser, second: RequestParser) -> None:
        self.name = first.name
        self._first, self._second = first, second

    def read(
        self, submission: Submission, catalog: Catalog, complaints: Sequence[str] = ()
    ) -> Reading:
        try:
            return self._first.read(submission, catalog, complaints)
        except UpstreamUnavailableError as down:
            reading = self._second.read(submission, catalog, complaints)
            note = f"{down.message} The text was read by the {self._second.name} parser instead."
            return replace(reading, notes=(*reading.notes, note))

    def health(self) -> str:
        return self._first.health()

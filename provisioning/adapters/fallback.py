"""One parser in the place of another that is down for the moment."""

from collections.abc import Sequence
from dataclasses import replace

from provisioning.catalog import Catalog
from provisioning.domain import Reading, Submission
from provisioning.domain.health import Health
from provisioning.errors import (
    AnswerUnreadableError,
    UpstreamCreditExhaustedError,
    UpstreamKeyRefusedError,
    UpstreamUnavailableError,
)
from provisioning.ports import RequestParser

NOT_THE_REQUESTS = (
    UpstreamUnavailableError,
    UpstreamCreditExhaustedError,
    UpstreamKeyRefusedError,
    AnswerUnreadableError,
)


class WithFallback:
    """Only what says nothing of the request makes the second one read: an outage, an account without credit, a key that is
    not accepted, an answer in no form. A refusal or a question of the first one stands. The request says so."""

    def __init__(self, first: RequestParser, second: RequestParser) -> None:
        self.name = first.name
        self._first, self._second = first, second

    def read(
        self,
        submission: Submission,
        catalog: Catalog,
        complaints: Sequence[str] = (),
        first: str = "",
    ) -> Reading:
        try:
            return self._first.read(submission, catalog, complaints, first)
        except NOT_THE_REQUESTS as down:
            # Not the first one's answer: another parser can make nothing of it.
            reading = self._second.read(submission, catalog, complaints)
            note = f"{down.message} The text was read by the {self._second.name} parser instead."
            return replace(reading, notes=(*reading.notes, note), usage=down.usage or reading.usage)

    def health(self) -> Health:
        return self._first.health()

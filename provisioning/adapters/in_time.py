"""A parser for people who wait for its answer."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from provisioning.catalog import Catalog
from provisioning.domain import Reading, Submission
from provisioning.domain.health import Health
from provisioning.errors import UpstreamTimeoutError
from provisioning.ports import RequestParser

CALLS_AT_ONCE = 16


class InTime:
    """Raises `UpstreamTimeoutError` when a reading takes longer than `seconds`, however slowly its bytes come in: the bounds of
    an HTTP client are for each of them. The call then goes on without anybody who waits for it, with its own bounds."""

    def __init__(self, parser: RequestParser, seconds: float) -> None:
        self.name = parser.name
        self._parser, self._seconds = parser, seconds
        self._calls = ThreadPoolExecutor(CALLS_AT_ONCE, thread_name_prefix="reading")

    def read(
        self,
        submission: Submission,
        catalog: Catalog,
        complaints: Sequence[str] = (),
        first: str = "",
    ) -> Reading:
        """Raises `UpstreamTimeoutError` when the time is over; what the call answers later is dropped."""
        call = self._calls.submit(self._parser.read, submission, catalog, complaints, first)
        try:
            return call.result(self._seconds)
        except TimeoutError:
            call.cancel()
            raise UpstreamTimeoutError(
                f"{self.name.capitalize()} did not read the text within {self._seconds:g} seconds, which is as long as a "
                "preview waits. Try again in a minute, or send the request itself: it waits for longer."
            ) from None

    def health(self) -> Health:
        return self._parser.health()

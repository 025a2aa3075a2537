"""One look at a time, however many ask."""

from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class SingleFlight(Generic[Answer]):
    """Whoever comes while somebody looks gets the last answer. Before there is one, they wait for it, at most
    `patience_seconds`, and then get what `meanwhile` says."""

    def __init__(
        self,
        look: Callable[[], Answer],
        meanwhile: Callable[[], Answer],
        patience_seconds: float = 5.0,
    ) -> None:
        self._look, self._meanwhile, self._patience = look, meanwhile, patience_seconds
        self._looking = Lock()
        self._last: Answer | None = None

    def __call__(self) -> Answer:
        if self._looking.acquire(blocking=False):
            return self._looked(again=True)
        if self._last is not None:
            return self._last
        if self._looking.acquire(timeout=self._patience):
            return self._looked(again=False)
        return self._meanwhile()

    def _looked(self, *, again: bool) -> Answer:
        """With the lock, which it gives back. A look that failed left no answer, so the next one looks itself."""
        try:
            if again or self._last is None:
                self._last = self._look()
            return self._last
        finally:
            self._looking.release()

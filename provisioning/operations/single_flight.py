"""One look at a time, however many ask."""

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class SingleFlight(Generic[Answer]):
    """Whoever comes while somebody looks gets the last answer, unless it is older than `last_for_seconds`. Before there is
    one, they wait for it, at most `patience_seconds`, and then get what `meanwhile` says."""

    def __init__(
        self,
        look: Callable[[], Answer],
        meanwhile: Callable[[], Answer],
        patience_seconds: float = 5.0,
        last_for_seconds: float = math.inf,
    ) -> None:
        self._look, self._meanwhile, self._patience = look, meanwhile, patience_seconds
        self._last_for = last_for_seconds
        self._looking = Lock()
        self._last: tuple[float, Answer] | None = None

    def __call__(self) -> Answer:
        if self._looking.acquire(blocking=False):
            return self._looked(again=True)
        if last := self._fresh():
            return last[1]
        if self._looking.acquire(timeout=self._patience):
            return self._looked(again=False)
        return self._meanwhile()

    def _fresh(self) -> tuple[float, Answer] | None:
        last = self._last  # one look at it: another thread may put a new one there
        return last if last and time.monotonic() - last[0] <= self._last_for else None

    def _looked(self, *, again: bool) -> Answer:
        """With the lock, which it gives back. A look that failed leaves what was there, so the next one looks itself."""
        try:
            last = None if again else self._fresh()
            if last is None:
                last = self._last = (time.monotonic(), self._look())
            return last[1]
        finally:
            self._looking.release()

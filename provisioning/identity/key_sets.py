"""The public keys of a Backstage, kept for a while and looked for again when a token names an unknown one."""

import logging
import time
from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock

from jwt import PyJWK

from provisioning.adapters.backstage import (
    READ_SECONDS,
    WHOLE_SECONDS,
    BackstageUnreadError,
    public_keys,
)
from provisioning.errors import UpstreamUnreachableError

logger = logging.getLogger(__name__)
# Backstage shows a new key before it signs with it, and an old one for as long as its tokens live: an hour.
FRESH_SECONDS = 600.0
KEPT_SECONDS = 3_600.0
# Between two looks, whatever tokens name. With the time of a look, a new key is known within ten seconds.
AGAIN_SECONDS = 5.0


class KeySet:
    """Safe to share between threads. One of them looks at a time; the others go on with what is known."""

    def __init__(
        self,
        url: str,
        read: Callable[[str], Mapping[str, PyJWK]] = public_keys,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url, self._read, self._clock = url, read, clock
        self._keys: Mapping[str, PyJWK] = {}
        # Long ago by any clock: soon after a machine's start, the monotonic one is near zero.
        self._read_at = self._looked_at = -KEPT_SECONDS
        self._trouble = ""
        self._looking = Lock()

    def find(self, kid: str) -> PyJWK | None:
        """None for a key that Backstage does not have. Raises `UpstreamUnreachableError` where that cannot be told."""
        if kid not in self._keys or self._age() > FRESH_SECONDS:
            self._look()
        found = self._keys.get(kid) if self._age() < KEPT_SECONDS else None
        if found is None and (self._trouble or not self._keys):
            raise UpstreamUnreachableError(
                "Backstage's keys cannot be read, so its tokens cannot be checked. Try again soon.",
                AGAIN_SECONDS,
            )
        return found

    def _age(self) -> float:
        return self._clock() - self._read_at

    def _look(self) -> None:
        """Whoever has no key that still counts waits for the one who looks; with some, nobody does."""
        is_known = self._keys and self._age() < KEPT_SECONDS
        patience = 0.0 if is_known else WHOLE_SECONDS + READ_SECONDS
        if not self._looking.acquire(timeout=patience):
            return
        try:
            # Under the lock: whoever waited for it comes just after the other's look.
            if self._clock() - self._looked_at >= AGAIN_SECONDS:
                self._look_now()
        finally:
            self._looking.release()

    def _look_now(self) -> None:
        # Before the look, so that one that fails is not repeated at once either.
        self._looked_at = self._clock()
        try:
            self._keys = self._read(self.url)
        except BackstageUnreadError as error:
            self._trouble = str(error)
            logger.warning("Keys of Backstage: %s", error)
        else:
            self._read_at, self._trouble = self._clock(), ""


@cache
def key_set(url: str) -> KeySet:
    """One for each address; the settings name a handful."""
    return KeySet(url)

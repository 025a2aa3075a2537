"""Conditional requests: an answer that did not change costs nothing of the rate limit
(https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api)."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar, overload

from pydantic import TypeAdapter

from provisioning.adapters.github.client import Client
from provisioning.domain import EtagCache

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
Page = TypeVar("Page")
# GitHub's largest page, and an end for a host that never sends a short one.
PAGE, PAGES = 100, 100


class ConditionalClient:
    """`seen` is the memory for the next time: only what this look used."""

    def __init__(self, client: Client, memory: EtagCache) -> None:
        self._client = client
        self._memory = memory
        self.seen: dict[str, Any] = {}

    def get(self, path: str, shape: type[Answer], doing: str) -> Answer:
        answer, self.seen[path] = self._client.get_cached(
            path, TypeAdapter(shape), doing, self._memory.get(path, {})
        )
        return answer

    def unchanging(self, path: str, shape: type[Answer], doing: str) -> Answer:
        """For what a commit's hash names: known once is known."""
        if path not in self._memory:
            return self.get(path, shape, doing)
        self.seen[path] = self._memory[path]
        return TypeAdapter(shape).validate_python(self._memory[path]["data"])

    @overload
    def pages(self, path: str, shape: type[list[Answer]], doing: str) -> list[Answer]: ...

    @overload
    def pages(
        self, path: str, shape: type[Page], doing: str, items: Callable[[Page], list[Answer]]
    ) -> list[Answer]: ...

    def pages(
        self, path: str, shape: Any, doing: str, items: Callable[[Any], list[Any]] = list
    ) -> list[Any]:
        """A list to its end. `path` ends where its query goes on; `items` takes the list out of an answer that wraps it."""
        found: list[Any] = []
        for page in range(1, PAGES + 1):
            few = items(self.get(f"{path}per_page={PAGE}&page={page}", shape, doing))
            found += few
            if len(few) < PAGE:
                return found
        logger.warning("More than %s entries while %s: the rest is not read.", len(found), doing)
        return found

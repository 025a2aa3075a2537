"""Claude as a reader of sentences: one call for one reading, and its failures in the portal's own words.

https://docs.claude.com/en/docs/build-with-claude/structured-outputs and …/prompt-caching
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from json import JSONDecodeError
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from provisioning.adapters.claude import prompt, shape
from provisioning.adapters.claude.answer import reading
from provisioning.adapters.claude.errors import in_our_words
from provisioning.catalog import Catalog
from provisioning.domain import Reading, Submission, Usage
from provisioning.domain.health import CONNECTED, Health, failing
from provisioning.errors import ModelRefusedError, UpstreamUnavailableError

if TYPE_CHECKING:
    from anthropic import Anthropic
    from anthropic.types import (
        CacheControlEphemeralParam,
        Message,
        MessageParam,
        TextBlockParam,
    )

CacheTtl = Literal["5m", "1h"]
Effort = Literal["low", "medium", "high", "xhigh", "max"]
# Bounds what a runaway answer may cost; one that is cut off is refused, never used.
MAX_TOKENS = 4096
# A connection takes milliseconds or is not to be had.
CONNECT_SECONDS = 5.0
HEALTH_SECONDS = 60.0
# Of the price of an input token: https://docs.claude.com/en/docs/build-with-claude/prompt-caching#pricing
CACHE_READ = 0.1
CACHE_WRITE: Mapping[CacheTtl, float] = MappingProxyType({"5m": 1.25, "1h": 2.0})
NOT_CLAUDE = "Something other than Claude answered the call. Check ANTHROPIC_BASE_URL and proxies."


@dataclass(eq=False)
class Claude:
    """Prices are in dollars for a million tokens. Never retries by itself: the queue does, and no worker sleeps."""

    api_key: str = field(repr=False)
    base_url: str | None = None
    model: str = "claude-haiku-5-5"
    effort: Effort = "low"
    timeout: float = 60.0
    input_price: float = 0.0
    output_price: float = 0.0
    cache_ttl: CacheTtl = "1h"
    name: str = "claude"
    _health: tuple[float, Health] | None = field(default=None, repr=False)
    _prompt: tuple[str, str] | None = field(default=None, repr=False)

    def read(
        self,
        submission: Submission,
        catalog: Catalog,
        complaints: Sequence[str] = (),
        first: str = "",
    ) -> Reading:
        """Raises `UpstreamUnavailableError` for what may pass, `UpstreamRefusedError` for what an operator must mend,
        and `ModelRefusedError` where the model declined or its answer cannot be read; each in the kind that fits."""
        turns = _turns(submission, complaints, first)
        message = self._ask(catalog, turns)
        usage = self._usage(message)
        try:
            return reading(message, usage)
        except ModelRefusedError as refusal:
            refusal.usage = usage
            raise

    def health(self) -> Health:
        """One look at the model's description, which costs no tokens; remembered for a minute."""
        if self._health is None or time.monotonic() - self._health[0] > HEALTH_SECONDS:
            self._health = (time.monotonic(), self._look())
        return self._health[1]

    def _look(self) -> Health:
        from anthropic import AnthropicError

        try:
            self._client.models.retrieve(self.model, timeout=CONNECT_SECONDS)
        except AnthropicError as error:
            return failing(in_our_words(error, self.model).message)
        return CONNECTED

    def _ask(self, catalog: Catalog, turns: list["MessageParam"]) -> "Message":
        from anthropic import AnthropicError, transform_schema
        from anthropic.types import Message

        try:
            message = self._client.messages.create(
                model=self.model,
                max_tokens=MAX_TOKENS,
                system=[self._system(catalog)],
                messages=turns,
                output_config={
                    "effort": self.effort,
                    "format": {
                        "type": "json_schema",
                        "schema": transform_schema(shape.schema(catalog)),
                    },
                },
            )
        except AnthropicError as error:
            raise in_our_words(error, self.model) from error
        except JSONDecodeError as error:
            raise UpstreamUnavailableError(NOT_CLAUDE) from error
        if not isinstance(message, Message) or not message.usage:
            raise UpstreamUnavailableError(NOT_CLAUDE)
        return message

    @cached_property
    def _client(self) -> "Anthropic":
        """Importing the SDK takes a second, so only those pay for it who talk to Claude."""
        from anthropic import Anthropic, Timeout

        timeout = Timeout(self.timeout, connect=min(CONNECT_SECONDS, self.timeout))
        return Anthropic(
            api_key=self.api_key, base_url=self.base_url, timeout=timeout, max_retries=0
        )

    def _system(self, catalog: Catalog) -> "TextBlockParam":
        if self._prompt is None or self._prompt[0] != catalog.digest:
            self._prompt = (catalog.digest, prompt.system_text(catalog))
        kept: CacheControlEphemeralParam = {"type": "ephemeral", "ttl": self.cache_ttl}
        return {"type": "text", "text": self._prompt[1], "cache_control": kept}

    def _usage(self, message: "Message") -> Usage:
        read, written = (
            message.usage.cache_read_input_tokens or 0,
            message.usage.cache_creation_input_tokens or 0,
        )
        inputs = (
            message.usage.input_tokens + CACHE_READ * read + CACHE_WRITE[self.cache_ttl] * written
        )
        return Usage(
            model=message.model,
            service_request_id=message._request_id or "",
            input_tokens=message.usage.input_tokens,
            output_tokens=message.usage.output_tokens,
            cache_read_tokens=read,
            cache_write_tokens=written,
            cost_usd=(inputs * self.input_price + message.usage.output_tokens * self.output_price)
            / 1_000_000,
            calls=1,
        )


def _turns(submission: Submission, complaints: Sequence[str], first: str) -> list["MessageParam"]:
    """The request; and in a second try the first answer and what is wrong with it."""
    turns: list[MessageParam] = [{"role": "user", "content": prompt.user_text(submission)}]
    if complaints:
        turns.append({"role": "assistant", "content": first or "{}"})
        turns.append({"role": "user", "content": prompt.repair_text(complaints)})
    return turns

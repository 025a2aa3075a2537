"""Claude as a reader of sentences: one call for one reading, and its failures in the portal's own words.

https://docs.claude.com/en/docs/build-with-claude/structured-outputs and …/prompt-caching
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from json import JSONDecodeError
from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from provisioning.adapters import claude_prompt
from provisioning.adapters.claude_prompt import Answer
from provisioning.catalog import Catalog
from provisioning.domain import ParameterValue, Question, Reading, ReadResource, ReadValue, Submission, Usage
from provisioning.errors import (
    AnswerCutOff,
    AnswerUnreadable,
    KeyRefused,
    ModelRefused,
    Overloaded,
    PortalError,
    RateLimited,
    TimedOut,
    Unreachable,
    UpstreamRefused,
    UpstreamUnavailable,
)

if TYPE_CHECKING:
    from anthropic import Anthropic, APIStatusError
    from anthropic.types import Message

Effort = Literal["low", "medium", "high", "xhigh", "max"]
MAX_TOKENS = 4096
CONNECT_SECONDS = 5.0
HEALTH_SECONDS = 60.0
# Of the price of an input token: https://docs.claude.com/en/docs/build-with-claude/prompt-caching#pricing
CACHE_READ, CACHE_WRITE = 0.1, 1.25
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
    name: str = "claude"
    _health: tuple[float, str] | None = field(default=None, repr=False)
    _prompt: tuple[str, str] | None = field(default=None, repr=False)

    def read(self, submission: Submission, catalog: Catalog, complaints: Sequence[str] = ()) -> Reading:
        """Raises `UpstreamUnavailable` for what may pass, `UpstreamRefused` for what an operator must mend, and `ModelRefused`
        where the model declined or its answer cannot be read; each in the kind that fits."""
        message = self._ask(self._system(catalog), claude_prompt.user_text(submission, complaints))
        usage = self._usage(message)
        try:
            return _reading(_answer(message), catalog, usage)
        except ModelRefused as refusal:
            refusal.usage = usage
            raise

    def health(self) -> str:
        """One look at the model's description, which costs no tokens; remembered for a minute."""
        if self._health is None or time.monotonic() - self._health[0] > HEALTH_SECONDS:
            self._health = (time.monotonic(), self._look())
        return self._health[1]

    def _look(self) -> str:
        from anthropic import AnthropicError

        try:
            self._client.models.retrieve(self.model, timeout=CONNECT_SECONDS)
        except AnthropicError as error:
            return f"error: {_in_our_words(error, self.model).message}"
        return "connected"

    def _ask(self, system: str, user: str) -> "Message":
        from anthropic import AnthropicError, transform_schema
        from anthropic.types import Message

        try:
            message = self._client.messages.create(
                model=self.model,
                max_tokens=MAX_TOKENS,
                system=[{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}],
                messages=[{"role": "user", "content": user}],
                output_config={
                    "effort": self.effort,
                    "format": {"type": "json_schema", "schema": transform_schema(Answer)},
                },
            )
        except AnthropicError as error:
            raise _in_our_words(error, self.model) from error
        except JSONDecodeError as error:
            raise UpstreamUnavailable(NOT_CLAUDE) from error
        if not isinstance(message, Message) or not message.usage:
            raise UpstreamUnavailable(NOT_CLAUDE)
        return message

    @cached_property
    def _client(self) -> "Anthropic":
        """Importing the SDK takes a second, so only those pay for it who talk to Claude."""
        from anthropic import Anthropic, Timeout

        timeout = Timeout(self.timeout, connect=min(CONNECT_SECONDS, self.timeout))
        return Anthropic(api_key=self.api_key, base_url=self.base_url, timeout=timeout, max_retries=0)

    def _system(self, catalog: Catalog) -> str:
        if self._prompt is None or self._prompt[0] != catalog.digest:
            self._prompt = (catalog.digest, claude_prompt.system_text(catalog))
        return self._prompt[1]

    def _usage(self, message: "Message") -> Usage:
        read, written = message.usage.cache_read_input_tokens or 0, message.usage.cache_creation_input_tokens or 0
        inputs = message.usage.input_tokens + CACHE_READ * read + CACHE_WRITE * written
        return Usage(
            model=message.model,
            service_request_id=message._request_id or "",
            input_tokens=message.usage.input_tokens,
            output_tokens=message.usage.output_tokens,
            cache_read_tokens=read,
            cache_write_tokens=written,
            cost_usd=(inputs * self.input_price + message.usage.output_tokens * self.output_price) / 1_000_000,
            calls=1,
        )


def _answer(message: "Message") -> Answer:
    if message.stop_reason == "refusal":
        raise ModelRefused("Claude declined to read this request. Say it in other words, or fill in the form's fields.")
    if message.stop_reason == "max_tokens":
        raise AnswerCutOff("Claude's answer was cut off at its limit. Ask for fewer resources at once.")
    text = "".join(block.text for block in message.content if block.type == "text" and block.text)
    try:
        return Answer.model_validate_json(text)
    except ValidationError as error:
        raise AnswerUnreadable("Claude's answer was not in the agreed form. Submit the request again.") from error


def _reading(answer: Answer, catalog: Catalog, usage: Usage) -> Reading:
    return Reading(
        outcome=answer.outcome,
        resources=tuple(_resource(resource, catalog) for resource in answer.resources),
        questions=tuple(Question(q.id, q.text, tuple(q.choices), q.recommended) for q in answer.questions),
        reason=answer.reason,
        parser="claude",
        usage=usage,
    )


def _resource(resource: claude_prompt.Resource, catalog: Catalog) -> ReadResource:
    return ReadResource(
        type=resource.type,
        parameters=tuple(ReadValue(v.name, _value(v, resource.type, catalog), v.quote) for v in resource.parameters),
        application=resource.application,
        environment=resource.environment,
        environment_quote=resource.environment_quote,
    )


def _value(value: claude_prompt.Value, type_name: str, catalog: Catalog) -> ParameterValue:
    """As the catalog's type says; what does not fit stays text, and the check of the claims finds it."""
    resource_type = catalog.types.get(type_name)
    parameter = resource_type.field(value.name) if resource_type else None
    kind: str = parameter.type if parameter else "string"
    text = value.value.strip()
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind in {"integer", "number"}:
        return _number(text)
    return tuple(part.strip() for part in text.split(",")) if kind == "array" else text


def _number(text: str) -> int | float | str:
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return text


def _in_our_words(error: Exception, model: str) -> PortalError:
    import anthropic

    if isinstance(error, anthropic.RateLimitError):
        return RateLimited(
            "Claude's rate limit is reached; the request is tried again.", _retry_after(error.response.headers)
        )
    if isinstance(error, anthropic.APIStatusError):
        return _refusal(error, model)
    if isinstance(error, anthropic.APITimeoutError):
        return TimedOut("Claude did not answer in time; the request is tried again.")
    return Unreachable("Claude could not be reached; the request is tried again.")


def _refusal(error: "APIStatusError", model: str) -> PortalError:
    import anthropic

    status = error.status_code
    if status >= 500 or status in {408, 409}:
        seconds = _retry_after(error.response.headers)
        if isinstance(error, anthropic.OverloadedError):
            return Overloaded("Claude is overloaded; the request is tried again.", seconds)
        return UpstreamUnavailable(f"Claude is failing ({status}); the request is tried again.", seconds)
    words = {
        401: "Claude does not accept the key. Check ANTHROPIC_API_KEY.",
        402: "The Anthropic account has no credit left. Check the billing of the account that ANTHROPIC_API_KEY belongs to.",
        403: "The key may not do this. Check the permissions of ANTHROPIC_API_KEY.",
        404: f"Claude has no model {model!r} for this key. Check ANTHROPIC_MODEL.",
        413: "The request and the catalog together are too large for Claude. Shorten the text.",
    }
    other = f"Claude refused the call ({status}). Check ANTHROPIC_MODEL and the portal's version."
    kind = KeyRefused if status in {401, 403} else UpstreamRefused
    return kind(words.get(status, other))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds or a date, as https://www.rfc-editor.org/rfc/rfc9110#field.retry-after allows; None where there is none."""
    told = headers.get("retry-after", "")
    try:
        return max(0.0, float(told))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except ValueError:
        return None

"""NUL and lone surrogates: characters that JSON may carry and that no text is made of. Postgres stores neither
(https://www.postgresql.org/docs/current/datatype-json.html), so wherever text enters, it comes through here."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# Postgres stores no NUL and UTF-8 has no halves of a surrogate pair; JSON may hold both.
ILLEGIBLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"


def legible(text: str, instead: str = REPLACEMENT) -> str:
    """What such a character stood for cannot be known: it becomes the character that says so, as in every decoder."""
    return ILLEGIBLE.sub(instead, text)


def legible_values(value: Any) -> Any:
    """The same for each text in parsed JSON, keys included."""
    if isinstance(value, str):
        return legible(value)
    if isinstance(value, list):
        return [legible_values(item) for item in value]
    if isinstance(value, dict):
        return {legible(key): legible_values(item) for key, item in value.items()}
    return value


def legible_json(text: str | bytes) -> Any:
    """Raises `ValueError`; JSON that is nested too deep to be read is no JSON either."""
    try:
        return legible_values(json.loads(text))
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def illegible_in(value: Any) -> str | None:
    """The first such character in parsed JSON, as "U+0000"."""
    texts = (ILLEGIBLE.search(text) for text in _texts(value))
    found = next((match for match in texts if match), None)
    return f"U+{ord(found[0]):04X}" if found else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)

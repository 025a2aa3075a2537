"""`vocabulary.toml`, beside a type's `resource.toml`: how people call the type, its parameters and their values.

The words lie apart because another kind of reader needs each of the two files, and because a certificate, which is for
code, must not become stale by a word. A type without the file has the words of its `resource.toml` alone.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from provisioning.catalog.format import Name, Table, Word

FILE = "vocabulary.toml"


class FieldWords(Table):
    synonyms: list[Word] = Field(default_factory=list)
    values: dict[str, list[Word]] = Field(default_factory=dict)
    items: "dict[Name, FieldWords]" = Field(default_factory=dict)


class VocabularyFile(Table):
    """The same keys as in `resource.toml`, and no others; a list goes on where that of `resource.toml` ends."""

    synonyms: list[Word] = Field(default_factory=list)
    weak_synonyms: list[Word] = Field(default_factory=list)
    parts: list[Word] = Field(default_factory=list)
    parameters: dict[Name, FieldWords] = Field(default_factory=dict)


def merged(resource: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    """Both files as one. Raises `KeyError` with the path of a parameter that only the words have."""
    whole = dict(resource)
    for key, value in words.items():
        if not isinstance(value, Mapping):
            whole[key] = [*whole.get(key, []), *value]
        # A parameter's choices may have no words in resource.toml at all.
        elif key in whole or key == "values":
            whole[key] = merged(whole.get(key, {}), value)
        else:
            raise KeyError(key)
    return whole

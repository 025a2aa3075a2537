"""Sets of small words, which are data: grammar.toml says which."""

import tomllib
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("grammar.toml")


def grammar(name: str) -> frozenset[str]:
    """Raises `KeyError` for a set that the file does not have, when the module is imported."""
    return _sets()[name]


@cache
def _sets() -> dict[str, frozenset[str]]:
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {name: frozenset(words) for name, words in content.items()}

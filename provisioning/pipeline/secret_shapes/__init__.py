"""Shapes of secrets as data: the rules of gitleaks, and the portal's own beside them. Their patterns are RE2's, which reads
any text in linear time (https://github.com/google/re2)."""

import math
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import re2

FILES = ("gitleaks.toml", "portal.toml")


@dataclass(frozen=True)
class SecretShape:
    """`entropy` is how many bits each character of the secret must carry at least: a placeholder has fewer."""

    id: str
    regex: str
    keywords: tuple[str, ...]
    entropy: float = 0.0

    def finds(self, text: str) -> bool:
        folded = text.lower()
        if not any(keyword in folded for keyword in self.keywords):
            return False
        return any(bits(_secret(match)) >= self.entropy for match in self._pattern.finditer(text))

    @cached_property
    def _pattern(self) -> Any:
        return re2.compile(self.regex)


def _secret(match: Any) -> str:
    """The first group that took part, as gitleaks has it; the whole where a pattern has none."""
    return str(next(filter(None, match.groups()), match.group()))


def bits(text: str) -> float:
    """Shannon's entropy of one character."""
    shares = (count / len(text) for count in Counter(text).values())
    return -sum(share * math.log2(share) for share in shares)


@cache
def rules() -> tuple[SecretShape, ...]:
    return tuple(rule for name in FILES for rule in _read(Path(__file__).with_name(name)))


def _read(file: Path) -> list[SecretShape]:
    found = tomllib.loads(file.read_text(encoding="utf-8"))["rules"]
    return [SecretShape(**{**rule, "keywords": tuple(rule["keywords"])}) for rule in found]

"""What a setting may be, each with its own words for what is wrong."""

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from infrallm_portal import PROJECT


def _words(value: Any) -> Any:
    return (
        tuple(word.strip() for word in value.split(",") if word.strip())
        if isinstance(value, str)
        else value
    )


def _paths(value: Any) -> Any:
    return (
        tuple(PROJECT / path for path in value.split(":") if path)
        if isinstance(value, str)
        else value
    )


def _http(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it must be an http:// or https:// address")
    return value.rstrip("/")


def _postgres(value: SecretStr) -> SecretStr:
    if urlsplit(value.get_secret_value()).scheme not in ("postgres", "postgresql"):
        raise ValueError("it must be postgresql://user:password@host:port/name")
    return value


def _made_of(pattern: str, words: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"it must be {words}")
        return value

    return AfterValidator(check)


def _below_project(value: Path) -> Path:
    return PROJECT / value


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_paths)]
ProjectPath = Annotated[Path, AfterValidator(_below_project), Field(validate_default=True)]
Address = Annotated[str, AfterValidator(_http)]
DatabaseAddress = Annotated[SecretStr, AfterValidator(_postgres)]
Digits = Annotated[str, _made_of(r"[0-9]*", "digits only")]
Identifier = Annotated[
    str, _made_of(r"[a-z][a-z0-9-]*", "lower-case letters, digits and hyphens, a letter first")
]
Person = Annotated[
    str,
    _made_of(
        r"(?:[^<>\x00-\x1f]+ <[^<>\s@]+@[^<>\s@]+>)?",
        "a name and an address: Ada Lovelace <ada@example.com>",
    ),
]
Owner = Annotated[str, _made_of(r"[A-Za-z0-9-]*", "letters, digits and hyphens")]
Repository = Annotated[
    str, _made_of(r"[A-Za-z0-9._-]*", "letters, digits, dots, hyphens and underscores")
]

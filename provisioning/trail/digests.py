"""What is hashed, and how. An auditor's verifier has to do the same with the standard library alone."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

# What stands before the first link. It names the format: a changed one starts another chain.
GENESIS = hashlib.sha256(b"infrallm portal trail 1").hexdigest()
# In the order of the columns in seal and verify, which are paired with these by position.
SEALED_FIELDS = (
    "id", "at", "action", "target_kind", "target", "source", "result", "data", "personal_digest",
)  # fmt: skip


def canonical(values: Mapping[str, Any]) -> bytes:
    """The same bytes for the same values, whatever order they come in."""
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def personal_digest(salt: str, personal: Mapping[str, str]) -> str:
    return hashlib.sha256(salt.encode() + canonical(personal)).hexdigest()


def link(before: str, event: Mapping[str, Any]) -> str:
    """The digest of a link: of the one before it and of the event's sealed fields, `at` in microseconds of UTC."""
    return hashlib.sha256(before.encode() + canonical(event)).hexdigest()

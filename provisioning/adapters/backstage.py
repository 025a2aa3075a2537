"""What a Backstage publishes, read within bounds: it is another team's server, and a wrong address may be anybody's."""

import json
import time
from collections.abc import Mapping
from typing import Any

import requests
from jwt import PyJWK
from jwt.exceptions import PyJWTError

CONNECT_SECONDS, READ_SECONDS = 2.0, 2.0
WHOLE_SECONDS = 3.0
LARGEST_BYTES = 65_536  # a key takes about 250
MOST_KEYS = 50
CHUNK = 8_192


class BackstageUnreadError(Exception):
    """Backstage did not answer, or not with what was asked for; the message says which."""


def public_keys(url: str) -> dict[str, PyJWK]:
    """The P-256 keys of a JWKS by their `kid`; of other kinds none. Raises `BackstageUnreadError`."""
    document = read_json(url)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise BackstageUnreadError(f"{url} answered with no list of keys.")
    found: dict[str, PyJWK] = {}
    for entry in listed[:MOST_KEYS]:
        if _is_usable(entry):
            found |= _parsed(entry)
    return found


def groups_of(url: str, token: str) -> tuple[str, ...]:
    """The refs that the user owns things by, such as group:default/payments (`ent`). Raises `BackstageUnreadError`."""
    document = read_json(f"{url}/api/auth/v1/userinfo", {"Authorization": f"Bearer {token}"})
    claims = document.get("claims") if isinstance(document, dict) else None
    refs = claims.get("ent") if isinstance(claims, dict) else None
    return tuple(ref for ref in refs if isinstance(ref, str)) if isinstance(refs, list) else ()


def read_json(url: str, headers: Mapping[str, str] | None = None) -> Any:
    """Follows no redirect, and stops after `WHOLE_SECONDS` and `LARGEST_BYTES`. Raises `BackstageUnreadError`."""
    try:
        return json.loads(_read(url, headers or {}))
    except requests.RequestException as error:
        raise BackstageUnreadError(f"{url}: {error.__class__.__name__}.") from None
    except (ValueError, RecursionError):
        raise BackstageUnreadError(f"{url} answered with no JSON.") from None


def _read(url: str, headers: Mapping[str, str]) -> bytes:
    deadline = time.monotonic() + WHOLE_SECONDS
    within = (CONNECT_SECONDS, READ_SECONDS)
    body = bytearray()
    with requests.get(
        url, headers=dict(headers), timeout=within, allow_redirects=False, stream=True
    ) as answer:
        if answer.status_code != requests.codes.ok:
            raise BackstageUnreadError(f"{url} answered with {answer.status_code}.")
        # `read1` gives what has arrived; others wait for a whole chunk, however slowly it drips.
        while chunk := answer.raw.read1(CHUNK, decode_content=True):
            body += chunk
            if len(body) > LARGEST_BYTES or time.monotonic() > deadline:
                raise BackstageUnreadError(f"{url} is too large or too slow.")
    return bytes(body)


def _is_usable(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
        return False
    return (entry.get("kty"), entry.get("crv")) == ("EC", "P-256") and "d" not in entry


def _parsed(entry: dict[str, Any]) -> dict[str, PyJWK]:
    try:
        return {entry["kid"]: PyJWK(entry, algorithm="ES256")}
    except (PyJWTError, ValueError, TypeError):
        return {}

"""What is taken from a provider's claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

LONGEST_ADDRESS, LONGEST_NAME = 254, 150


@dataclass(frozen=True, slots=True)
class Identity:
    """`key` is the same for one person at one provider for ever. `address` is empty unless the provider has verified it;
    `groups` is None where the provider does not tell any."""

    key: str
    address: str = ""
    name: str = ""
    groups: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Where the settings say that the claims stand."""

    groups_claim: str
    trust_email: bool = False


def identity(id_token: Mapping[str, Any], userinfo: Mapping[str, Any], how: ClaimNames) -> Identity:
    """`userinfo` is known to be about the same subject. Either may hold what the other lacks."""
    both = {**id_token, **userinfo}
    return Identity(
        # A subject is unique at its issuer only; hashed, the two have one length.
        key=sha256(f"{id_token['iss']}\n{id_token['sub']}".encode()).hexdigest(),
        address=_address(both, how.trust_email),
        name=_text(both.get("name"), LONGEST_NAME),
        groups=_groups(userinfo, id_token, how.groups_claim),
    )


def _address(claims: Mapping[str, Any], trust: bool) -> str:
    """Somebody may type any address at some providers: only a verified one says who they are."""
    address = _text(claims.get("email"), LONGEST_ADDRESS)
    # `is True`: the text "false" counts as true otherwise.
    is_verified = claims.get("email_verified", trust) is True
    return address.lower() if is_verified and "@" in address else ""


def _groups(
    userinfo: Mapping[str, Any], id_token: Mapping[str, Any], claim: str
) -> frozenset[str] | None:
    for claims in (userinfo, id_token):
        found = _at(claims, claim)
        if isinstance(found, str):
            return frozenset({found})
        if isinstance(found, list):
            return frozenset(entry for entry in found if isinstance(entry, str))
    return None


def _at(claims: Mapping[str, Any], name: str) -> object:
    """By its whole name first: some providers put their address, dots and all, into the name."""
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def _text(value: object, most: int) -> str:
    """Without what Postgres does not store; empty for what is no text or too long to be one."""
    if not isinstance(value, str) or len(value) > most:
        return ""
    return value.replace("\x00", "").encode("utf-8", "ignore").decode().strip()

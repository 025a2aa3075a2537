"""Tokens of a Backstage: of its users, and of its plugins on behalf of users. What they look like was measured on its real
auth backend: ES256; `typ` tells the kinds apart; a plugin's token carries the user's as `obo`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from provisioning import wiring
from provisioning.identity.key_sets import key_set

LONGEST = 8_192  # characters; a token takes about 500, twice that with `obo`
SKEW_SECONDS = 10
USER, PLUGIN, LIMITED = (f"vnd.backstage.{kind}" for kind in ("user", "plugin", "limited-user"))
REF = re.compile(r"user:[a-z0-9_.-]+/[a-z0-9_.-]+", re.ASCII)
LONGEST_REF = 150  # characters, as a user's name


@dataclass(frozen=True, slots=True)
class BackstageUser:
    """`client` is what sent the call; `token` speaks for the user at Backstage."""

    ref: str
    client: str
    token: str


@dataclass(frozen=True, slots=True)
class TokenKind:
    """What a token of a kind has to claim; `audience` None where it has none."""

    typ: str
    keys: str
    claims: tuple[str, ...]
    audience: str | None = None
    issuer: str | None = None


def is_backstages(text: str) -> bool:
    """Whether it has the shape of one; says nothing of its worth."""
    return wiring.portal().backstage_url is not None and text.count(".") == 2


def verified(text: str) -> BackstageUser | None:
    """None for every token that is not good now. Raises `UpstreamUnreachableError` where the keys cannot be had."""
    if len(text) > LONGEST:
        return None
    typ = _header(text).get("typ")
    if typ == USER:
        return _user(text)
    return _plugin(text) if typ == PLUGIN else None


def _user(text: str) -> BackstageUser | None:
    portal = wiring.portal()
    issuer = portal.backstage_issuer or f"{portal.backstage_url}/api/auth"
    claims = ("iss", "sub", "aud", "iat", "exp")
    kind = TokenKind(USER, _users_keys(), claims, "backstage", issuer)
    return _named(_claims(text, kind), "backstage", text)


def _plugin(text: str) -> BackstageUser | None:
    """The plugin is believed to speak for the user because the user's own token, signed by the auth plugin, is in its."""
    portal = wiring.portal()
    plugin = _unverified(text).get("sub")
    # Nothing is verified yet: an unlisted name must not become part of an address we call.
    if plugin not in portal.backstage_plugins:
        return None
    keys = f"{portal.backstage_url}/api/{plugin}/.backstage/auth/v1/jwks.json"
    kind = TokenKind(PLUGIN, keys, ("sub", "aud", "exp", "obo"), "proxy")
    behalf = _claims(text, kind).get("obo")
    if not isinstance(behalf, str):
        return None
    limited = TokenKind(LIMITED, _users_keys(), ("sub", "iat", "exp"))
    # The inner token goes along: Backstage tells groups to it, as to the user's own.
    return _named(_claims(behalf, limited), f"backstage {plugin}", behalf)


def _users_keys() -> str:
    return f"{wiring.portal().backstage_url}/api/auth/.well-known/jwks.json"


def _named(claims: Mapping[str, Any], client: str, token: str) -> BackstageUser | None:
    ref = as_ref(claims.get("sub"))
    return BackstageUser(ref, client, token) if ref else None


def as_ref(text: object) -> str:
    """A user's entity ref in the one case that Backstage compares in; empty for anything else."""
    ref = text.lower() if isinstance(text, str) else ""
    return ref if REF.fullmatch(ref) and len(ref) <= LONGEST_REF else ""


def _claims(text: str, kind: TokenKind) -> Mapping[str, Any]:
    """The claims of a token that is signed, of this kind and good now; none otherwise."""
    header = _header(text)
    kid = header.get("kid")
    # The header is the sender's: the algorithm is ours to choose, or tokens could be forged.
    if header.get("typ") != kind.typ or header.get("alg") != "ES256" or not isinstance(kid, str):
        return {}
    key = key_set(kind.keys).find(kid)
    if key is None:
        return {}
    try:
        return jwt.decode(
            text,
            key,
            algorithms=["ES256"],
            audience=kind.audience,
            issuer=kind.issuer,
            leeway=SKEW_SECONDS,
            options={"require": list(kind.claims)},
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return {}


def _header(text: str) -> Mapping[str, Any]:
    try:
        return jwt.get_unverified_header(text)
    # RecursionError: a stranger's JSON may be nested as deep as they like.
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return {}


def _unverified(text: str) -> Mapping[str, Any]:
    """Only to know whose keys to look at."""
    try:
        return jwt.decode(text, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return {}

"""Who a provider says somebody is, believed only with its signature."""

from collections.abc import Mapping
from typing import Any

import jwt

# Only signatures that the portal cannot make itself: with HS256, its client secret would be a key.
ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
CLOCKS_DIFFER_SECONDS = 60
REQUIRED = ("iss", "sub", "aud", "exp", "iat")
LONGEST_SUBJECT = 255  # OpenID Connect Core, section 2


class IdTokenError(Exception):
    """The token is not accepted; the reason is for the log and for operators, not for whoever sent it."""


def verified(token: str, keys: Mapping[str, Any], issuer: str, client_id: str) -> dict[str, Any]:
    """The claims. OpenID Connect Core, section 3.1.3.7: https://openid.net/specs/openid-connect-core-1_0.html"""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(token, keys),
            algorithms=list(ALGORITHMS),
            audience=client_id,
            issuer=issuer,
            leeway=CLOCKS_DIFFER_SECONDS,
            options={"require": list(REQUIRED)},
        )
    except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
        raise IdTokenError(f"The ID token is not accepted: {error}") from error
    if claims.get("azp", client_id) != client_id:
        raise IdTokenError("The ID token was made for another client.")
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise IdTokenError("The ID token names nobody.")
    return claims


def _key(token: str, keys: Mapping[str, Any]) -> jwt.PyJWK:
    """The one that the token names; one that names none is accepted where there is one key only."""
    wanted = jwt.get_unverified_header(token).get("kid")
    known = jwt.PyJWKSet.from_dict(dict(keys)).keys
    found = [key for key in known if wanted is None or key.key_id == wanted]
    if len(found) != 1:
        raise IdTokenError("The provider's keys do not hold the one that signed the ID token.")
    return found[0]

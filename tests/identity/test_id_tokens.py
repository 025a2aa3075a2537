"""Which ID tokens count, and where the portal calls at all."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from provisioning.identity.sso.fetching import RefusedAnswerError, refuse_bad_address
from provisioning.identity.sso.id_token import IdTokenError, verified

ISSUER, CLIENT = "https://login.example.com", "portal"
KEY = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
PUBLIC = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "1"}
KEYS = {"keys": [PUBLIC]}


def claims(**other: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {"iss": ISSUER, "aud": CLIENT, "sub": "7", "iat": now, "exp": now + 300}
    merged = {**good, **other}
    return {name: value for name, value in merged.items() if value is not None}


def signed(key: Any = KEY, algorithm: str = "RS256", kid: str = "1", **other: Any) -> str:
    return jwt.encode(claims(**other), key, algorithm, {"kid": kid})


@pytest.mark.parametrize("seconds", [-50, 0, 50])
def test_clocks_may_differ_by_a_minute(seconds: int) -> None:
    now = int(time.time()) + seconds
    token = signed(iat=now, nbf=now, exp=now + 5)
    assert verified(token, KEYS, ISSUER, CLIENT)["sub"] == "7"


NOW = int(time.time())
ODD: dict[str, Callable[[], str]] = {
    "of another key": lambda: signed(OTHER),
    "of a key nobody knows": lambda: signed(kid="2"),
    "unsigned": lambda: jwt.encode(claims(), "", "none", {"kid": "1"}),
    "signed with the public key as a secret": lambda: jwt.encode(
        claims(), PUBLIC["n"], "HS256", {"kid": "1"}
    ),
    "of another issuer": lambda: signed(iss="https://evil.example.com"),
    "for another client": lambda: signed(aud="other"),
    "for several, made for another": lambda: signed(aud=[CLIENT, "other"], azp="other"),
    "over": lambda: signed(exp=NOW - 120),
    "of tomorrow": lambda: signed(iat=NOW + 86_400, exp=NOW + 90_000),
    "not valid yet": lambda: signed(nbf=int(time.time()) + 300),
    "without an end": lambda: signed(exp=None),
    "without a subject": lambda: signed(sub=None),
    "of an empty subject": lambda: signed(sub=""),
    "of a long subject": lambda: signed(sub="x" * 256),
    "of no issuer": lambda: signed(iss=None),
    "for nobody": lambda: signed(aud=None),
    "cut": lambda: signed()[:-9],
    "no token": lambda: "a.b.c",
    "nothing": lambda: "",
}


@pytest.mark.filterwarnings("ignore:The HMAC key")
@pytest.mark.parametrize("token", ODD.values(), ids=ODD)
def test_an_odd_token_is_not_accepted(token: Callable[[], str]) -> None:
    with pytest.raises(IdTokenError):
        verified(token(), KEYS, ISSUER, CLIENT)


@pytest.mark.parametrize("keys", [{}, {"keys": []}, {"keys": "x"}, {"keys": [{}]}, {"keys": [PUBLIC, PUBLIC]}])  # fmt: skip
def test_keys_that_are_none_accept_nothing(keys: dict[str, Any]) -> None:
    with pytest.raises(IdTokenError):
        verified(signed(), keys, ISSUER, CLIENT)


@pytest.mark.parametrize(
    "address",
    [
        "http://login.example.com/keys",
        "https://127.0.0.1/keys",
        "https://localhost:8443/keys",
        "https://10.0.0.1/keys",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/keys",
        "https://[fd00::1]/keys",
        "file:///etc/passwd",
        "ftp://203.0.113.1/keys",
    ],
)
def test_what_a_provider_names_does_not_lead_inside(
    portal: Callable[..., None], address: str
) -> None:
    portal(oidc_issuer=ISSUER)
    with pytest.raises(RefusedAnswerError):
        refuse_bad_address(address)


def test_the_issuer_itself_may_be_inside(portal: Callable[..., None]) -> None:
    portal(oidc_issuer="https://10.0.0.1")
    refuse_bad_address("https://10.0.0.1/keys")
    with pytest.raises(requests.RequestException):
        refuse_bad_address("https://10.0.0.2/keys")

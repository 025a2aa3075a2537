"""A Backstage as the portal meets it: its key sets and userinfo over HTTP, and the tokens that it signs.

Shapes as measured on a real auth backend: header `typ`, claims, ES256, and the plugin's token around the user's.
"""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

AUTH = "/api/auth/.well-known/jwks.json"
SCAFFOLDER = "/api/scaffolder/.backstage/auth/v1/jwks.json"
USERINFO = "/api/auth/v1/userinfo"
LARGE = 100 * 2**20


class BackstageDouble:
    """`keys` are the private keys by path and `kid`; `mood` is how it answers: well, down, large, slow, redirect or garbage."""

    def __init__(self) -> None:
        self.keys = {AUTH: {"k1": a_key()}, SCAFFOLDER: {"s1": a_key()}}
        self.groups: dict[str, list[str]] = {}
        self.mood = "well"
        self.asked: list[str] = []
        self.url = ""

    def user(self, ref: str = "user:default/ana", **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": f"{self.url}/api/auth",
            "sub": ref,
            "aud": "backstage",
            "iat": now,
            "exp": now + 3600,
            "uip": "proof",
        }
        return self.signed(claims, "vnd.backstage.user", AUTH, **changes)

    def limited(self, ref: str = "user:default/ana", **changes: Any) -> str:
        now = int(time.time())
        claims = {"sub": ref, "iat": now, "exp": now + 3600}
        return self.signed(claims, "vnd.backstage.limited-user", AUTH, **changes)

    def plugin(self, obo: str | None = "", **changes: Any) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "sub": "scaffolder",
            "aud": "proxy",
            "iat": now,
            "exp": now + 3600,
        }
        claims |= {"obo": self.limited() if obo == "" else obo}
        return self.signed(claims, "vnd.backstage.plugin", SCAFFOLDER, **changes)

    def signed(self, claims: dict[str, Any], kind: str, place: str, **changes: Any) -> str:
        """`changes` replace claims, None takes one out; `typ`, `kid`, `alg` and `key` are of the header and the signature."""
        kid = changes.pop("kid", next(iter(self.keys[place])))
        key = changes.pop("key", None) or self.keys[place].get(kid) or a_key()
        headers = {"typ": changes.pop("typ", kind), "kid": kid}
        algorithm = changes.pop("alg", "ES256")
        claimed = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(claimed, key, algorithm=algorithm, headers=headers)

    def jwks(self, path: str) -> dict[str, Any]:
        return {"keys": [public(kid, key) for kid, key in self.keys[path].items()]}


def a_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(kid: str, key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    shown: dict[str, Any] = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return shown | {"kid": kid, "alg": "ES256", "use": "sig"}


@contextmanager
def serving() -> Iterator[BackstageDouble]:
    double = BackstageDouble()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            double.asked.append(self.path)
            getattr(self, double.mood)()

        def well(self) -> None:
            if self.path == USERINFO:
                token = self.headers["Authorization"].removeprefix("Bearer ")
                ref = jwt.decode(token, options={"verify_signature": False})["sub"]
                self.answer(200, {"claims": {"sub": ref, "ent": double.groups.get(ref, [])}})
            else:
                self.answer(200, double.jwks(self.path))

        def down(self) -> None:
            self.answer(503, {})

        def garbage(self) -> None:
            self.answer(200, ["no", "keys"])

        def redirect(self) -> None:
            self.answer(302, {}, Location=f"{double.url}/elsewhere")

        def large(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.send_until_refused(LARGE, 0.0)

        def slow(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.send_until_refused(10_000, 0.2)

        def send_until_refused(self, size: int, pause: float) -> None:
            chunk = b" " * (1 if pause else 65_536)
            try:
                for _ in range(size // len(chunk)):
                    self.wfile.write(chunk)
                    time.sleep(pause)
            except OSError:
                self.close_connection = True

        def answer(self, status: int, body: Any, **headers: str) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Not into the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    double.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()

"""An OpenID Connect provider from the registry, with the faults that a real one may have."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests

Answer = Callable[..., Iterable[bytes]]
Fault = Callable[[Callable[..., Any]], Iterable[bytes]]


@dataclass
class Provider:
    """`faults` answers in place of the provider at a path; people are made by `knows` and sign in by `signs_in`."""

    issuer: str
    faults: dict[str, Fault] = field(default_factory=dict)

    def knows(self, subject: str, **claims: Any) -> None:
        requests.put(f"{self.issuer}/users/{subject}", json=claims, timeout=10).raise_for_status()

    def signs_in(self, address: str, subject: str) -> str:
        """What the browser does at the provider; the path and query that it is sent back to."""
        answer = requests.post(address, {"sub": subject}, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"


@contextmanager
def running() -> Iterator[Provider]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import oidc_provider_mock
        from oidc_provider_mock._server import _threaded_server

    provider = Provider("")
    app = oidc_provider_mock.app()

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        fault = provider.faults.get(environ["PATH_INFO"])
        return fault(start_response) if fault else app(environ, start_response)

    with _threaded_server(app=served, poll_interval=0.01) as server:
        provider.issuer = f"http://localhost:{server.server_port}"
        yield provider


def answers(status: str, body: bytes = b"", **headers: str) -> Fault:
    def fault(start_response: Callable[..., Any]) -> Iterable[bytes]:
        named = [(name.replace("_", "-"), value) for name, value in headers.items()]
        start_response(status, [("Content-Type", "application/json"), *named])
        return [body]

    return fault


def endless(megabytes: int) -> Fault:
    """An answer of so many megabytes, piece by piece."""

    def fault(start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        return (b"[" + b" " * 1_048_575 for _ in range(megabytes))

    return fault

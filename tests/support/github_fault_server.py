"""An HTTP server that counts calls, passes them on and breaks what it is told to break.

It stands before `FakeGitHub` (which answers as GitHub does where the npm emulator does not) or before the emulator.
"""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Call:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")

    @property
    def changes_something(self) -> bool:
        return self.method != "GET"


@dataclass(frozen=True)
class Reply:
    status: int
    content: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        return (
            self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()
        )


@dataclass(frozen=True)
class Fault:
    """`done` lets the call take effect first. No `reply`: the connection is dropped; `slow` sends the body byte by byte
    until the client has had enough, `silent` never answers."""

    done: bool = False
    reply: Reply | None = None
    slow: bool = False
    silent: bool = False


Upstream = Callable[[Call], Reply]


class FaultServer:
    """`fault` is asked for each call with its number, from 0."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream
        self.calls: list[Call] = []
        self.connections = 0
        self.fault: Callable[[int, Call], Fault | None] = lambda number, call: None
        self.over = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"faults": self})
        )
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def number(self, call: Call) -> int:
        with self._lock:
            self.calls.append(call)
            return len(self.calls) - 1

    @contextmanager
    def running(self) -> Iterator["FaultServer"]:
        thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def forward_to(url: str) -> Upstream:
    host = urlsplit(url).netloc

    def forward(call: Call) -> Reply:
        connection = http.client.HTTPConnection(host, timeout=30)
        headers = {
            name: value
            for name, value in call.headers.items()
            if name in ("authorization", "content-type", "if-none-match")
        }
        connection.request(call.method, call.target, call.body or None, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        kept = {
            name: value
            for name, value in answer.getheaders()
            if name.lower() in ("etag", "content-type")
        }
        return Reply(answer.status, content, kept)

    return forward


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    faults: FaultServer

    def setup(self) -> None:
        super().setup()
        self.faults.connections += 1

    def handle(self) -> None:
        """A client may be killed at any time."""
        with suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(self.command, self.path, headers, self.rfile.read(length))
        fault = self.faults.fault(self.faults.number(call), call)
        reply = self.faults.upstream(call) if fault is None or fault.done else None
        if fault is None and reply is not None:
            self.answer(reply)
        elif fault is not None:
            self.go_wrong(fault)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def go_wrong(self, fault: Fault) -> None:
        if fault.silent:
            self.faults.over.wait(30)
        if fault.reply is None:
            self.close_connection = True
        else:
            self.answer(fault.reply, slow=fault.slow)

    def answer(self, reply: Reply, *, slow: bool = False) -> None:
        self.send_response(reply.status)
        for name, value in {"content-type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        pieces = [bytes([byte]) for byte in reply.body] if slow else [reply.body]
        for piece in pieces:
            if slow and self.faults.over.wait(0.2):
                return
            try:
                self.wfile.write(piece)
            except OSError:
                return

    def log_message(self, format: str, *args: Any) -> None:
        """Silence: a test prints what it needs."""

"""Anthropic's Messages API on a local port, as strict as the real one about what it is sent, with scripted answers."""

import json
import socket
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message as Headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any

KEY = "test-key-of-the-local-stand-in"
MODELS = ("claude-haiku-5-5", "claude-sonnet-5-5")
# Not accepted in a schema: https://docs.claude.com/en/docs/build-with-claude/structured-outputs#json-schema-limitations
FORBIDDEN = {
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "multipleOf",
    "oneOf",
    "default",
}
# https://docs.claude.com/en/docs/build-with-claude/prompt-caching#1-hour-cache-duration
CACHED = [[{"type": "ephemeral", "ttl": ttl}] for ttl in ("5m", "1h")]
TURNS = [["user"], ["user", "assistant", "user"]]
ALLOWED_KEYS = {"model", "max_tokens", "system", "messages", "output_config"}


@dataclass(frozen=True)
class Scripted:
    """One answer. `status` 0 drops the connection, -1 never answers, -2 sends a blank now and then."""

    status: int = 200
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: str | None = None


def says(
    answer: Mapping[str, Any] | str,
    stop_reason: str = "end_turn",
    usage: Mapping[str, int] = MappingProxyType({}),
) -> Scripted:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    counted = {
        "input_tokens": 60,
        "output_tokens": 120,
        "cache_read_input_tokens": 0,
        "cache_creation_input_tokens": 0,
        **usage,
    }
    content = [{"type": "text", "text": text}] if text else []
    return Scripted(body={
        "id": "msg_1", "type": "message", "role": "assistant", "model": MODELS[0], "content": content,
        "stop_reason": stop_reason, "stop_sequence": None, "usage": counted,
    })  # fmt: skip


def fails(status: int, kind: str = "api_error", **headers: str) -> Scripted:
    body = {"type": "error", "error": {"type": kind, "message": "scripted"}}
    return Scripted(
        status, body, {name.replace("_", "-"): value for name, value in headers.items()}
    )


@dataclass
class ClaudeServer:
    url: str
    script: list[Scripted] = field(default_factory=list)
    received: list[Mapping[str, Any]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    looks: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    def will(self, *answers: Scripted) -> None:
        self.script[:] = answers


@contextmanager
def claude_server() -> Iterator[ClaudeServer]:
    """Complaints about what was sent fail the test that caused them."""
    listener = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server = ClaudeServer(f"http://127.0.0.1:{listener.server_address[1]}")
    listener.stand_in = server  # type: ignore[attr-defined]
    listener.daemon_threads = True
    thread = threading.Thread(
        target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        server.released.set()
        listener.shutdown()
        listener.server_close()
        thread.join()
    assert not server.complaints, server.complaints


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def stand_in(self) -> ClaudeServer:
        found: ClaudeServer = self.server.stand_in  # type: ignore[attr-defined]
        return found

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self.stand_in.looks += 1
        if not self._authorized():
            self._send(fails(401, "authentication_error"))
        elif self.path.split("?")[0].removeprefix("/v1/models/") in MODELS:
            model = self.path.rsplit("/", maxsplit=1)[-1]
            self._send(
                Scripted(
                    body={
                        "type": "model",
                        "id": model,
                        "display_name": model,
                        "created_at": "2026-01-01T00:00:00Z",
                    }
                )
            )
        else:
            self._send(fails(404, "not_found_error"))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.stand_in.received.append(body)
        if not self._authorized():
            self._send(fails(401, "authentication_error"))
            return
        wrong = [*_wrong_headers(self.path, self.headers), *_wrong_body(body)]
        if wrong:
            self.stand_in.complaints += wrong
            self._send(fails(400, "invalid_request_error"))
        elif body["model"] not in MODELS:
            self._send(fails(404, "not_found_error"))
        else:
            self._send(self.stand_in.script.pop(0) if self.stand_in.script else fails(500))

    def _authorized(self) -> bool:
        return self.headers.get("authorization") == f"Bearer {KEY}"

    def _drip(self) -> None:
        """JSON may begin with blanks, so nothing here is wrong but the time it takes."""
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "1000")
        self.end_headers()
        while not self.stand_in.released.wait(0.02):
            self.wfile.write(b" ")

    def _send(self, answer: Scripted) -> None:
        if answer.status == -1:
            self.stand_in.released.wait(30)
        if answer.status == -2:
            self._drip()
        if answer.status <= 0:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        payload = (answer.raw if answer.raw is not None else json.dumps(answer.body)).encode()
        self.send_response(answer.status)
        headers = {
            "content-type": "application/json",
            "request-id": "req_of_the_stand_in",
            **answer.headers,
        }
        for name, value in {**headers, "content-length": str(len(payload))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)


def _wrong_headers(path: str, headers: Headers) -> Iterator[str]:
    if path != "/v1/messages":
        yield f"path {path}"
    if not headers.get("anthropic-version"):
        yield "no anthropic-version"
    if headers.get("x-api-key"):
        yield "the key is sent twice"


def _wrong_body(body: Mapping[str, Any]) -> Iterator[str]:
    if set(body) != ALLOWED_KEYS:
        yield f"keys {sorted(body)}"
        return
    if not (isinstance(body["max_tokens"], int) and 0 < body["max_tokens"] <= 8192):
        yield f"max_tokens {body['max_tokens']}"
    if [block.get("cache_control") for block in body["system"]] not in CACHED:
        yield "the system prompt is not one cached block"
    if [message["role"] for message in body["messages"]] not in TURNS:
        yield "the turns are no conversation that a user begins and ends"
    if not all(message["content"].strip() for message in body["messages"]):
        yield "a message is empty"
    if (
        set(body["output_config"]) != {"effort", "format"}
        or body["output_config"]["format"]["type"] != "json_schema"
    ):
        yield "output_config"
    else:
        yield from _wrong_schema(body["output_config"]["format"]["schema"])


def _wrong_schema(schema: object) -> Iterator[str]:
    if isinstance(schema, Mapping):
        yield from (f"schema keyword {word}" for word in FORBIDDEN & set(schema))
        if schema.get("type") == "object":
            if schema.get("additionalProperties") is not False:
                yield "an object is open"
            if set(schema.get("required", [])) != set(schema.get("properties", {})):
                yield "a property is optional"
        for inner in schema.values():
            yield from _wrong_schema(inner)
    elif isinstance(schema, Sequence) and not isinstance(schema, str):
        for inner in schema:
            yield from _wrong_schema(inner)

"""The API beside a FastAPI service with SQLAlchemy and asyncpg, on one Postgres, in turns, with as many processes each.

    python -m venv PEER && PEER/bin/pip install -r bench/peer/requirements.txt
    python -m bench.peer_ratio --peer PEER/bin/python [--processes 1] [--seconds 5] [--rounds 3]

Prints, for each kind of call, both sides' calls per second and their ratio with the bar of it; with identity and limits (one
statement a call on both sides) and without. A ratio holds on any machine; its spread over the rounds tells how quiet this was.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.queue_portal import portal
from infrallm_portal import PROJECT
from infrallm_portal.dev.addresses import is_served
from infrallm_portal.dev.devdb import Cluster

OURS, THEIRS = 8094, 8095
CALLERS = 16  # connections, each of which has one call under way
REQUESTER = "bench@example.com"
STORED = 40
TOKEN = "only for this run, 32 characters!"
PROVISION = {
    "request": "production Postgres database for payments API",
    "requester": REQUESTER,
    "team": "payments",
}
LIST = f"/api/v1/requests?user={REQUESTER}&limit=20"


@dataclass(frozen=True)
class Kind:
    """`theirs` is the peer's address where it has another."""

    name: str
    bar: float
    ours: str
    theirs: str = ""
    body: bytes = b""


def main() -> int:
    options = arguments()
    with (
        tempfile.TemporaryDirectory(prefix="infrallm-bench-") as place,
        portal(Path(place)) as cluster,
    ):
        token, stored = prepared(cluster, options.peer)
        for identity in (True, False):
            with both(options, cluster, Path(place), identity):
                for kind in kinds(stored, identity):
                    compared(kind, options, token if identity else TOKEN, identity)
    return 0


def kinds(request_id: str, identity: bool) -> Iterator[Kind]:
    status = f"/api/v1/requests/{request_id}/status"
    yield Kind("status", 2.0, status)
    yield Kind("list of 20", 1.5, LIST)
    if not identity:
        yield Kind("finished, against memory", 1.0, status, f"/memory/{request_id}")
    yield Kind("provision", 1.5, "/api/v1/provision", body=json.dumps(PROVISION).encode())


def compared(kind: Kind, options: argparse.Namespace, token: str, identity: bool) -> None:
    """In turns, so that what else the machine does meets both."""
    pairs = []
    for _ in range(options.rounds):
        ours = asyncio.run(rate(OURS, kind.ours, kind.body, token, options.seconds))
        theirs = asyncio.run(
            rate(THEIRS, kind.theirs or kind.ours, kind.body, token, options.seconds)
        )
        pairs.append((ours, theirs))
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    with_it = "with identity and limits" if identity else "without"
    print(
        f"{options.processes} process(es), {kind.name}, {with_it}: {ours:.0f} against {theirs:.0f} calls a second, "
        f"ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}; bar {kind.bar})",
        flush=True,
    )


def prepared(cluster: Cluster, peer: str) -> tuple[str, str]:
    """A service's token that both know, and the id of a finished request that both have."""
    from provisioning.domain.identity import Scope
    from provisioning.identity import tokens
    from provisioning.models import ProvisionRequest
    from provisioning.requests import tasks

    scopes = frozenset({Scope.READ, Scope.REQUEST, Scope.ON_BEHALF_OF})
    _, token = tokens.issue("bench", scopes, tokens.Holder(), "bench")
    for number in range(STORED):
        row = ProvisionRequest.objects.create(
            text=f"staging S3 bucket for logs {number}", requester=REQUESTER
        )
        tasks.run_request(row.request_id)
    environment = os.environ | {"PEER_DATABASE": peer_url(cluster)}
    subprocess.run([peer, str(PROJECT / "bench/peer/service.py")], env=environment, check=True)
    with psycopg.connect(cluster.url(), autocommit=True) as session:
        for row in ProvisionRequest.objects.all():
            copy(session, row.request_id)
        digest = tokens.digest(token)
        session.execute("INSERT INTO peer_token (name, digest) VALUES ('bench', %s)", [digest])
        session.execute("ANALYZE")
    return token, row.request_id


def copy(session: "psycopg.Connection[tuple[object, ...]]", request_id: str) -> None:
    from django.test import Client

    document = Client(SERVER_NAME="localhost").get(f"/api/v1/requests/{request_id}/status").json()
    session.execute(
        "INSERT INTO peer_request (request_id, requester, status, created_at, document) VALUES (%s, %s, %s, now(), %s)",
        [request_id, REQUESTER, document["status"], json.dumps(document)],
    )


def peer_url(cluster: Cluster) -> str:
    """SQLAlchemy's spelling of the socket's folder."""
    return cluster.url().replace("postgresql://", "postgresql+asyncpg://", 1)


@contextmanager
def both(
    options: argparse.Namespace, cluster: Cluster, place: Path, identity: bool
) -> Iterator[None]:
    """Without identity: one token that the settings hold, and no limits, take no statement of the portal."""
    limit = str(10**9) if identity else "0"
    ours = os.environ | {
        "DATABASE_URL": cluster.url(), "DATA_DIR": str(place), "SECRET_KEY": secrets.token_hex(32), "API_TOKEN": TOKEN,
        "ENV_FILE": os.devnull, "DEMO": "false", "HOST": "127.0.0.1", "PORT": str(OURS), "LOG_LEVEL": "WARNING",
        "WEB_PROCESSES": str(options.processes), "READS_PER_MINUTE": limit, "PROVISIONS_PER_MINUTE": limit,
    }  # fmt: skip
    theirs = os.environ | {
        "PEER_DATABASE": peer_url(cluster),
        "PEER_IDENTITY": "on" if identity else "off",
    }
    serve = [
        options.peer,
        "-m",
        "uvicorn",
        "service:app",
        "--port",
        str(THEIRS),
        "--loop",
        "uvloop",
        "--http",
        "httptools",
    ]
    serve += ["--no-access-log", "--workers", str(options.processes)]
    web = subprocess.Popen(
        [sys.executable, str(PROJECT / "manage.py"), "web"], env=ours, start_new_session=True
    )
    peer = subprocess.Popen(serve, env=theirs, cwd=PROJECT / "bench/peer", start_new_session=True)
    try:
        while not (is_served("127.0.0.1", OURS) and is_served("127.0.0.1", THEIRS)):
            time.sleep(0.1)
        yield
    finally:
        for process in (web, peer):
            process.terminate()
            process.wait()


async def rate(port: int, path: str, body: bytes, token: str, seconds: float) -> float:
    """Answered calls per second of all callers together, after a tenth of the time to warm up."""
    until = time.perf_counter() + seconds / 10
    await asyncio.gather(*(calls(port, path, body, token, until) for _ in range(CALLERS)))
    began = time.perf_counter()
    made = await asyncio.gather(
        *(calls(port, path, body, token, began + seconds) for _ in range(CALLERS))
    )
    return sum(made) / (time.perf_counter() - began)


async def calls(port: int, path: str, body: bytes, token: str, until: float) -> int:
    """One after the other over one connection. Anything but a 200 ends the measurement."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    call = spelled(path, body, token)
    made = 0
    while time.perf_counter() < until:
        writer.write(call)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"{path} was answered with {head.decode()}")
        await reader.readexactly(length(head))
        made += 1
    writer.close()
    return made


def spelled(path: str, body: bytes, token: str) -> bytes:
    method = "POST" if body else "GET"
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def length(head: bytes) -> int:
    lines = head.decode().lower().split("\r\n")
    said = next(line for line in lines if line.startswith("content-length:"))
    return int(said.partition(":")[2])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peer", required=True, help="the Python of the peer's environment")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

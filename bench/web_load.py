"""Many callers at once on the production start: `manage.py migrate`, `manage.py web`, a Postgres with its own defaults.

    python -m bench.web_load [--status 300] [--dry-runs 60] [--rounds 3]

All calls are sent at the same moment, each over a connection of its own. Prints the answers by status code, the times of the
status calls, and the most connections that Postgres saw.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from infrallm_portal import PROJECT
from infrallm_portal.dev.addresses import is_served
from infrallm_portal.dev.devdb import FAST_STOP, Cluster
from infrallm_portal.dev.watchdog import Watchdog

TOKEN = "only for this run, 32 characters."
PORT = 8093
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
DRY_RUN = {"request": "staging S3 bucket for logs"}
PROVISION = {"request": "production Postgres database for payments API", "requester": "bench"}


def main() -> int:
    options = arguments()
    with served() as database:
        address = f"/api/v1/requests/{asyncio.run(a_request())}/status"
        for _ in range(options.rounds):
            asyncio.run(one_round(options, address, database))
    return 0


@contextmanager
def served() -> Iterator[str]:
    """The database's address, for as long as the portal is up."""
    folder = Path(tempfile.mkdtemp(prefix="infrallm-web-load-"))
    cluster, watchdog = Cluster(folder / "postgres"), Watchdog()
    watchdog.guard(cluster.start(), FAST_STOP)
    environment = production(folder, cluster.url())
    try:
        run = [sys.executable, str(PROJECT / "manage.py")]
        subprocess.run([*run, "migrate", "--verbosity=0"], env=environment, check=True)
        web = subprocess.Popen([*run, "web"], env=environment, start_new_session=True)
        watchdog.guard(web.pid)
        while not is_served("127.0.0.1", PORT):
            time.sleep(0.1)
        yield cluster.url()
    finally:
        web.terminate()
        web.wait()
        cluster.stop()
        watchdog.dismiss()
        shutil.rmtree(folder)


def production(folder: Path, database: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database,
        "DATA_DIR": str(folder),
        "SECRET_KEY": "only for this run " * 3,
        "API_TOKEN": TOKEN,
        "ENV_FILE": os.devnull,
        "HOST": "0.0.0.0",  # as README starts it
        "PORT": str(PORT),
        "LOG_LEVEL": "ERROR",
        # One token calls here for everybody: counted as always, and never too often.
        "READS_PER_MINUTE": "1000000",
        "DRY_RUNS_PER_MINUTE": "1000000",
    }


async def a_request() -> str:
    _, body, _ = await call("POST", "/api/v1/provision", PROVISION)
    request_id: str = json.loads(body)["request_id"]
    return request_id


async def one_round(options: argparse.Namespace, address: str, database: str) -> None:
    polls = [call("GET", address) for _ in range(options.status)]
    dry_runs = [call("POST", "/api/v1/dry-run", DRY_RUN) for _ in range(options.dry_runs)]
    most = asyncio.create_task(most_sessions(database))
    answers = await asyncio.gather(*polls, *dry_runs)
    most.cancel()
    status, previews = answers[: options.status], answers[options.status :]
    report("status", status)
    report("dry-run", previews)
    print(f"  connections: at most {await most}")


async def most_sessions(database: str) -> int:
    """Looks until it is canceled; its own session does not count."""
    most = 0
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as connection:
        try:
            while True:
                row = await (await connection.execute(SESSIONS)).fetchone()
                most = max(most, int(row[0]) - 1 if row else 0)
                await asyncio.sleep(0.1)
        except asyncio.CancelledError:
            return most


async def call(
    method: str, path: str, body: dict[str, str] | None = None
) -> tuple[int, bytes, float]:
    """The status code, the body, and the seconds from connecting to the last byte."""
    began = time.perf_counter()
    content = json.dumps(body).encode() if body else b""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n"
    head += "Content-Type: application/json\r\nConnection: close\r\n"
    head += f"Content-Length: {len(content)}\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(head.encode() + content)
    answer = await reader.read()
    writer.close()
    top, _, rest = answer.partition(b"\r\n\r\n")
    return int(top.split()[1]) if top else 0, rest, time.perf_counter() - began


def report(name: str, answers: list[tuple[int, bytes, float]]) -> None:
    codes = Counter(code for code, _, _ in answers)
    times = sorted(seconds for _, _, seconds in answers)
    p50, p95 = times[len(times) // 2], times[int(len(times) * 0.95) - 1]
    counted = ", ".join(f"{number} x {code}" for code, number in sorted(codes.items()))
    print(f"{name:8} {counted}: p50 {p50:.2f}  p95 {p95:.2f}  max {times[-1]:.2f} s")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--status", type=int, default=300)
    parser.add_argument("--dry-runs", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

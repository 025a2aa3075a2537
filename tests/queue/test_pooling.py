"""Whether a worker finds out, at its start, that its database sessions are not its own."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection

from infrallm_portal.dev.devdb import _as_owner
from provisioning.queue.pooling import refuse_shared_sessions
from tests.support.worker_process import PROJECT, WorkerProcess, surroundings, wait_until

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

pytestmark = [
    pytest.mark.processes,
    pytest.mark.xdist_group("workers"),
    pytest.mark.django_db(transaction=True),
]
needs_pgbouncer = pytest.mark.skipif(not PGBOUNCER, reason="pgbouncer is not installed here")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Which the pool's user may enter."""
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


@contextmanager
def pool(folder: Path, mode: str) -> Iterator[str]:
    """The address of the test's database behind a pool."""
    url = urlsplit(os.environ["DATABASE_URL"])
    host = dict(parse_qsl(url.query)).get("host", url.hostname)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    name, user = connection.settings_dict["NAME"], url.username
    server = f"{name} = host={host} port={url.port or 5432} dbname={name} user={user}"
    lines = ["[databases]", server, "[pgbouncer]", "listen_addr = 127.0.0.1"]
    lines += [
        f"listen_port = {port}",
        "auth_type = any",
        f"pool_mode = {mode}",
        "unix_socket_dir =",
    ]
    (folder / "pool.ini").write_text("\n".join(lines))
    folder.chmod(0o755)
    command = [*_as_owner(), str(PGBOUNCER), str(folder / "pool.ini")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port), "the pool listens")
        yield f"postgresql://{user}@127.0.0.1:{port}/{name}"
    finally:
        process.kill()
        process.wait()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_sessions_of_postgres_itself_are_our_own() -> None:
    refuse_shared_sessions()


@needs_pgbouncer
def test_a_worker_behind_a_pool_of_transactions_refuses_to_start_and_says_why(
    folder: Path,
) -> None:
    with pool(folder, "transaction") as url:
        done = subprocess.run(
            [sys.executable, "manage.py", "worker"],
            cwd=PROJECT,
            env=surroundings() | {"DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1, done.stderr
    assert "DATABASE_URL leads to a connection pooler in transaction mode" in done.stderr
    assert "Traceback" not in done.stderr


@needs_pgbouncer
def test_a_worker_behind_a_pool_of_sessions_works(folder: Path) -> None:
    with pool(folder, "session") as url, WorkerProcess(DATABASE_URL=url) as worker:
        worker.process.terminate()
        assert worker.exit_code() == 0, worker.log()

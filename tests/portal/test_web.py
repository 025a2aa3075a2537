"""`manage.py web`, which is the web side everywhere: bounded connections, slow senders, and a Postgres that goes away."""

import hmac
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from infrallm_portal import PROJECT
from infrallm_portal.database import settings_of
from infrallm_portal.dev.devdb import UNSAFE_FAST, Cluster
from provisioning.operations.connections import LANE
from tests.support.waiting import until
from tests.support.whole_portal import environment, free_port

pytestmark = [pytest.mark.run, pytest.mark.xdist_group("production web")]
RUN = [sys.executable, str(PROJECT / "manage.py")]
TOKEN = "only for this test, 32 characters"
SECRET = "of the webhook"
WEB_SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'web %'"


@dataclass(frozen=True)
class Web:
    cluster: Cluster
    port: int
    variables: dict[str, str]

    def call(self, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str, str]:
        """The status, the text and the header Retry-After."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"} | headers
        address = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(address, body, headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode(), answer.headers["Retry-After"] or ""
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(), error.headers["Retry-After"] or ""

    def run(self, *command: str, **changed: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*RUN, *command],
            env=self.variables | changed,
            capture_output=True,
            text=True,
            check=False,
        )

    def looks_at_all(self) -> int:
        """How often every pull request was made due for a look, as the log says."""
        log = self.cluster.folder.parent / "web.log"
        return log.read_text().count("Webhooks may have been lost: 0 pull requests are looked at")

    def sessions(self) -> int:
        with psycopg.connect(self.cluster.url(), autocommit=True) as connection:
            row = connection.execute(WEB_SESSIONS).fetchone()
            return int(row[0]) if row else 0


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    folder = Path(tempfile.mkdtemp(prefix="infrallm-web-"))
    cluster = Cluster(folder / "postgres", UNSAFE_FAST)
    cluster.start()
    port = free_port()
    variables = environment(
        folder,
        DATABASE_URL=cluster.url(),
        SECRET_KEY="only for tests " * 3,
        API_TOKEN=TOKEN,
        GITHUB_WEBHOOK_SECRET=SECRET,
        PORT=str(port),
        WEB_PROCESSES="1",
        WEB_THREADS="3",
    )
    started = Web(cluster, port, variables)
    assert started.run("migrate", "--verbosity=0").returncode == 0
    with (folder / "web.log").open("wb") as log:
        process = subprocess.Popen([*RUN, "web"], env=variables, stdout=log, stderr=log)
    try:
        until(lambda: _answers(started, process))
        yield started
    finally:
        process.terminate()
        assert process.wait(60) == 0
        cluster.stop()
        shutil.rmtree(folder)


def _answers(web: Web, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None
    try:
        return web.call("/login")[0] == 200
    except (urllib.error.URLError, ConnectionError):
        return False


def test_eighty_callers_at_once_share_the_threads_connections(web: Web) -> None:
    listed = "/api/v1/requests?user=ana"
    dry_run = json.dumps({"request": "staging S3 bucket for logs"}).encode()
    with ThreadPoolExecutor(80) as pool:
        polls = [pool.submit(web.call, listed) for _ in range(70)]
        previews = [pool.submit(web.call, "/api/v1/dry-run", dry_run) for _ in range(10)]
        codes = Counter(one.result()[0] for one in (*polls, *previews))
    assert codes == {200: 80}
    assert 1 <= web.sessions() <= 3 + LANE


def slow_post(port: int, path: str) -> socket.socket:
    """Announces a body, sends a part of it and keeps the connection."""
    sender = socket.create_connection(("127.0.0.1", port))
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
    sender.sendall(head.encode() + b"{")
    return sender


@pytest.mark.parametrize("path", ["/api/v1/webhooks/github", "/api/v1/dry-run", "/login"])
def test_ten_slow_senders_stop_nobody(web: Web, path: str) -> None:
    senders = [slow_post(web.port, path) for _ in range(10)]
    try:
        assert web.call("/login")[0] == 200
        assert web.call("/api/v1/requests?user=ana")[0] == 200
    finally:
        for sender in senders:
            sender.close()


def test_more_connections_than_postgres_allows_are_refused_in_words(web: Web) -> None:
    refused = web.run("web", WEB_PROCESSES="4", WEB_THREADS="64", PORT=str(free_port()))
    assert refused.returncode == 2
    assert "WEB_PROCESSES=4 and WEB_THREADS=64 come to 268 connections" in refused.stderr
    assert "Postgres allows 97" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_name_in_host_is_looked_up_and_an_unknown_one_is_one_line(web: Web) -> None:
    refused = web.run("web", HOST="no-such-host.invalid", PORT=str(free_port()))
    assert refused.returncode == 2
    # The line before it warns of the tests' role of Postgres, which owns the trail.
    assert refused.stderr.splitlines()[-1].startswith(
        "CommandError: HOST is 'no-such-host.invalid': "
    )


@pytest.mark.parametrize(
    ("path", "body", "begins"),
    [
        ("/api/v1/requests?user=ana", None, '{"detail": "The portal\'s database does not answer'),
        (
            "/api/v1/provision",
            b'{"request": "staging S3 bucket for logs", "requester": "ana"}',
            '{"detail": "The portal\'s database does not answer',
        ),
        ("/metrics", None, "<!doctype html>"),
    ],
)
def test_without_postgres_the_answer_is_503_with_the_time_to_try_again(
    web: Web, path: str, body: bytes | None, begins: str
) -> None:
    web.cluster.stop()
    try:
        status, text, retry_after = web.call(path, body)
        assert (status, retry_after) == (503, "5")
        assert text.lstrip().lower().startswith(begins.lower())
        assert web.call("/login")[0] == 200
        health = json.loads(web.call("/api/v1/health")[1])
        assert health["checks"]["database"].startswith("error: ")
    finally:
        web.cluster.start()
    assert web.call(path, body)[0] == 200


def test_a_webhook_lost_in_an_outage_makes_every_pull_request_due_for_a_look(web: Web) -> None:
    """The portal's own log says how many: none are stored here; `test_lifecycle` looks at the rows."""
    body = b'{"action": "closed", "number": 1}'
    digest = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
    signed = {"X-Hub-Signature-256": f"sha256={digest}", "X-GitHub-Delivery": "1-2-3"}
    before = web.looks_at_all()
    web.cluster.stop()
    try:
        assert web.call("/api/v1/webhooks/github", body, **signed)[0] == 503
    finally:
        web.cluster.start()
    until(lambda: web.looks_at_all() == before + 1)
    assert web.call("/api/v1/webhooks/github", body, **signed)[0] == 202


def test_whatever_came_while_nobody_served_is_made_up_for_at_the_start(web: Web) -> None:
    assert web.looks_at_all() >= 1


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a host that takes connections and never says a word, like one behind a broken network."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_a_postgres_that_swallows_everything_is_503_in_seconds(web: Web, silent: int) -> None:
    port = str(free_port())
    address = f"postgresql://portal@127.0.0.1:{silent}/portal?connect_timeout=2"
    variables = web.variables | {"DATABASE_URL": address, "PORT": port, "WEB_PROCESSES": "1"}
    cut_off = Web(web.cluster, int(port), variables)
    process = subprocess.Popen([*RUN, "web"], env=variables, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _answers(cut_off, process))
        assert cut_off.call("/api/v1/requests?user=ana")[::2] == (503, "5")
        assert cut_off.call("/api/v1/webhooks/github", b"{}")[::2] == (503, "5")
    finally:
        process.terminate()
        assert process.wait(60) == 0


def test_nobody_has_to_ask_for_the_bound_on_connecting() -> None:
    address = "postgresql://portal@db.example.com/portal"
    assert settings_of(address)["OPTIONS"]["connect_timeout"] == "5"
    longer = settings_of(f"{address}?connect_timeout=30&sslmode=require")["OPTIONS"]
    assert (longer["connect_timeout"], longer["sslmode"]) == ("30", "require")

"""Fifty callers with one Idempotency-Key, each in a thread with a connection of its own, and workers at the same time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db import connections
from django_q.models import OrmQ
from pytest_django.live_server_helper import LiveServer
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from provisioning.domain import Submission
from provisioning.models import ProvisionRequest, PullRequest
from provisioning.requests import services, tasks
from tests.support.github_double import FakeGitHub
from tests.support.github_fault_server import FaultServer
from tests.support.github_portal import GitHubPortal

pytestmark = pytest.mark.django_db(transaction=True)
CALLERS, WORKERS = 50, 4
BODY = {"request": "staging S3 bucket for logs", "requester": "ana@example.com"}


@pytest.fixture
def github(portal: Callable[..., None]) -> Iterator[GitHubPortal]:
    double = FakeGitHub()
    with FaultServer(double).running() as server:
        made = GitHubPortal(double, server)
        portal(**made.settings(), team_concurrency=CALLERS)
        yield made


def at_once(number: int, call: Callable[[int], object]) -> list[object]:
    together = threading.Barrier(number)

    def one(index: int) -> object:
        together.wait()
        try:
            return call(index)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(one, range(number)))


def insistent() -> requests.Session:
    """The test server lets ten wait at its door and turns the others away; with a key they may simply knock again. A
    connection kept open would keep one to the database open, which outlives the test."""
    session = requests.Session()
    session.headers["Connection"] = "close"
    session.mount(
        "http://", HTTPAdapter(max_retries=Retry(10, backoff_factor=0.1, allowed_methods=None))
    )
    return session


def test_fifty_submissions_with_one_key_are_one_request_and_one_pull_request(
    github: GitHubPortal, live_server: LiveServer
) -> None:
    def submit(_: int) -> str:
        headers = {"Idempotency-Key": "the same"}
        with insistent() as caller:
            answer = caller.post(
                f"{live_server.url}/api/v1/provision", json=BODY, headers=headers, timeout=60
            )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["request_id"])

    [request_id] = set(at_once(CALLERS, submit))
    assert ProvisionRequest.objects.get().request_id == request_id
    assert OrmQ.objects.count() == 1

    at_once(WORKERS, lambda _: tasks.run_request(str(request_id)))
    row = ProvisionRequest.objects.get()
    assert (row.status, row.attempt) == ("completed", 1)
    assert PullRequest.objects.get().number == 1
    assert len(github.double.pulls) == 1
    assert set(github.double.refs) == {"main", row.branch_name}

    other = requests.post(
        f"{live_server.url}/api/v1/provision",
        json={**BODY, "request": "staging S3 bucket for backups"},
        headers={"Idempotency-Key": "the same"},
        timeout=60,
    )
    assert other.status_code == 422


def test_many_keys_at_once_are_as_many_requests_and_share_one_pull_request(
    github: GitHubPortal,
) -> None:
    made = [
        services.submit(_submission(), idempotency_key=str(key)).request_id
        for key in range(WORKERS)
    ]
    at_once(WORKERS, lambda index: tasks.run_request(made[index]))
    for request_id in made:  # who waited for the first one is in the queue again when it ends
        tasks.run_request(request_id)
    assert set(ProvisionRequest.objects.values_list("status", "error_code")) == {("completed", "")}
    assert len(github.double.pulls) == 1


def _submission() -> Submission:
    return Submission(BODY["request"], BODY["requester"])

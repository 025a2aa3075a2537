"""Whoever wants a directory that an open pull request writes to is told so before anything is created."""

from collections.abc import Callable, Iterator

import pytest

from provisioning.models import OpenDirectories, ProvisionRequest
from provisioning.pull_requests import conflicts
from tests.support.github_double import FakeGitHub
from tests.support.github_fault_server import Call, Fault, FaultServer, Reply
from tests.support.github_portal import GitHubPortal

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "staging S3 bucket for logs"
DIRECTORY = "terraform/staging/s3/logs-bucket"
PULL = "https://github.example/acme/infrastructure/pull"


@pytest.fixture
def github(portal: Callable[..., None]) -> Iterator[GitHubPortal]:
    double = FakeGitHub()
    with FaultServer(double).running() as server:
        made = GitHubPortal(double, server)
        portal(**made.settings())
        yield made


def changes(server: FaultServer) -> list[str]:
    return [call.path for call in server.calls if call.changes_something]


def test_a_first_attempt_costs_five_calls_and_one_look_at_its_directory(
    github: GitHubPortal,
) -> None:
    conflicts.look_ahead()
    github.server.calls.clear()
    assert github.run(TEXT).status == "completed"
    assert [call.method for call in github.server.calls] == [
        "GET",
        "GET",
        "GET",
        "POST",
        "POST",
        "POST",
    ]


def test_what_somebody_else_has_open_is_refused_with_its_link(github: GitHubPortal) -> None:
    github.somebody_opens("by-hand", f"{DIRECTORY}/main.tf")
    conflicts.look_ahead()
    row = github.run(TEXT)
    assert (row.status, row.error_code) == ("failed", "directory_conflict")
    assert f"{DIRECTORY} is taken by {PULL}/1" in row.error
    assert changes(github.server) == []


def test_a_portal_that_has_never_looked_looks_before_it_creates(github: GitHubPortal) -> None:
    github.somebody_opens("by-hand", f"{DIRECTORY}/modules/x/main.tf")
    assert github.run(TEXT).error_code == "directory_conflict"
    assert changes(github.server) == []


def test_the_portals_own_open_pull_request_is_refused_with_its_link(github: GitHubPortal) -> None:
    first = github.run(TEXT)
    made = changes(github.server)
    second = github.run(f"{TEXT} with 30 days retention")
    assert first.pull_request.directories == [DIRECTORY]
    assert (second.status, second.error_code) == ("failed", "directory_conflict")
    assert f"{DIRECTORY} is taken by {PULL}/1" in second.error
    assert changes(github.server) == made


def test_what_was_closed_without_a_word_is_no_conflict(github: GitHubPortal) -> None:
    github.somebody_opens("by-hand", f"{DIRECTORY}/main.tf")
    conflicts.look_ahead()
    github.close(1)
    first = github.run(TEXT)
    assert first.status == "completed"
    github.close(2)
    second = github.run(f"{TEXT} with versioning")
    second = second if second.status == "completed" else github.go_on(second)
    assert second.status == "completed"
    assert second.branch_name.startswith(f"{first.branch_name}-")


def test_looking_ahead_twice_within_a_minute_is_one_look(github: GitHubPortal) -> None:
    for _ in range(3):
        conflicts.look_ahead()
    assert len(github.server.calls) == 1
    assert OpenDirectories.objects.get().links == {}


def test_what_is_known_stays_while_github_is_down(github: GitHubPortal) -> None:
    github.somebody_opens("by-hand", f"{DIRECTORY}/main.tf")
    conflicts.look_ahead()
    OpenDirectories.objects.update(looked_at=None)
    github.server.fault = lambda number, call: Fault(reply=Reply(503, b""))
    conflicts.look_ahead()
    assert OpenDirectories.objects.get().links == {DIRECTORY: f"{PULL}/1"}


def test_a_head_whose_commits_are_gone_stops_nobody(github: GitHubPortal) -> None:
    github.somebody_opens("by-hand", f"{DIRECTORY}/main.tf")
    gone = Fault(reply=Reply(404, {"message": "Not Found"}))
    github.server.fault = lambda number, call: gone if "/compare/" in call.path else None
    assert github.run(TEXT).status == "completed"


def test_an_attempt_that_died_before_the_labels_is_made_whole(github: GitHubPortal) -> None:
    def dying(number: int, call: Call) -> Fault | None:
        return Fault() if "/labels" in call.path else None

    github.server.fault = dying
    row = github.run(TEXT)
    assert (row.status, row.error_code) == ("queued", "upstream_unreachable")
    assert github.double.labels == {}
    github.server.fault = lambda number, call: None
    assert github.go_on(row).status == "completed"
    assert github.double.labels == {1: {"infrallm", "staging", "s3"}}
    assert len(github.double.pulls) == 1
    assert ProvisionRequest.objects.get().pull_request.number == 1

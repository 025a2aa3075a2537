"""Reading what became of a pull request, on the stand-in, on the emulator and on the embedded host."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from github import Auth

from provisioning.adapters.github import GitHub
from provisioning.domain import PullRequestState
from provisioning.errors import UpstreamRefusedError
from provisioning.ports import PullRequestReader
from tests.support import github_emulator
from tests.support.github_double import NAME, OWNER, FakeGitHub
from tests.support.github_fault_server import Call, Fault, FaultServer, Reply, forward_to
from tests.support.pull_request_hosts import DIRECTORY, GitHubHost, LocalHost, a_change

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def double() -> FakeGitHub:
    return FakeGitHub()


@pytest.fixture
def server(double: FakeGitHub) -> Iterator[FaultServer]:
    with FaultServer(double).running() as running:
        yield running


@pytest.fixture
def github(server: FaultServer) -> GitHub:
    github = GitHub(Auth.Token("good-token"), f"{OWNER}/{NAME}", server.url, "main")
    github.open(a_change())
    return github


def look(reader: PullRequestReader, number: int = 1) -> PullRequestState:
    return reader.read(number, NOON, {})[0]


def review(who: str | None, state: str) -> dict[str, object]:
    return {"user": {"login": who} if who else None, "state": state}


def test_a_new_one_is_open_without_reviews_or_checks(github: GitHub, double: FakeGitHub) -> None:
    head = double.pulls[0]["head"]["sha"]
    assert look(github) == PullRequestState("open", head, NOON)


def test_reviews_and_both_kinds_of_checks_are_read(github: GitHub, double: FakeGitHub) -> None:
    double.reviews = [review("ada", "APPROVED"), review(None, "COMMENTED")]
    double.check_runs = [{"status": "completed", "conclusion": "success"}]
    double.statuses = [{"state": "success"}]
    seen = look(github)
    assert (seen.review, seen.reviewers, seen.checks) == ("approved", ("ada",), "passed")
    double.statuses = [{"state": "failure"}]
    assert look(github).checks == "failed"
    double.statuses, double.check_runs = [], [{"status": "in_progress", "conclusion": None}]
    assert look(github).checks == "pending"


def test_the_last_of_many_reviews_counts(github: GitHub, double: FakeGitHub) -> None:
    double.reviews = [review("ada", "COMMENTED")] * 150 + [review("ada", "CHANGES_REQUESTED")]
    assert look(github).review == "changes_requested"


def test_who_merged_and_who_closed_is_read(
    github: GitHub, server: FaultServer, double: FakeGitHub
) -> None:
    github.open(a_change("req-000000000002", "other", directories=()))
    requests.put(
        f"{server.url}/repos/{OWNER}/{NAME}/pulls/1/merge", json={}, headers=KEY, timeout=30
    )
    requests.patch(
        f"{server.url}/repos/{OWNER}/{NAME}/pulls/2",
        json={"state": "closed"},
        headers=KEY,
        timeout=30,
    )
    merged, closed = look(github, 1), look(github, 2)
    assert (merged.state, merged.ended_by) == ("merged", "merger")
    assert (closed.state, closed.ended_by) == ("closed", "closer")
    assert merged.ended_at is not None
    assert closed.ended_at is not None


KEY = {"Authorization": "token good-token"}


def close_one(github: GitHub, server: FaultServer) -> None:
    address = f"{server.url}/repos/{OWNER}/{NAME}/pulls/1"
    requests.patch(address, json={"state": "closed"}, headers=KEY, timeout=30).raise_for_status()


def test_a_key_that_may_not_ask_who_closed_it_still_sees_that_it_is_closed(
    github: GitHub, server: FaultServer, double: FakeGitHub
) -> None:
    close_one(github, server)
    double.granted = {"metadata": "read", "contents": "read"}
    seen = look(github)
    assert (seen.state, seen.ended_by) == ("closed", "")
    assert set(seen.refused) == {"reviews", "checks", "ended_by"}
    assert seen.unread == ()


@pytest.mark.parametrize("missing", ["reviews", "check-runs", "status", "events"])
def test_what_is_only_beside_it_never_costs_the_state(
    github: GitHub, server: FaultServer, missing: str
) -> None:
    close_one(github, server)
    server.fault = lambda number, call: (
        Fault(reply=Reply(502, b"")) if call.path.endswith(missing) else None
    )
    seen = look(github)
    assert seen.state == "closed"
    assert len(seen.unread) == 1


def test_the_documented_calls_are_all_that_the_portal_makes_and_each_is_allowed_by_githubs_table(
    github: GitHub, server: FaultServer, double: FakeGitHub
) -> None:
    close_one(github, server)
    look(github)
    assert github.directories({}) == ({}, github.directories({})[1])
    assert "issues" not in double.granted
    refused = FakeGitHub()
    refused.granted = {**double.granted, "pull_requests": "read"}
    server.upstream = refused
    with pytest.raises(UpstreamRefusedError, match="Resource not accessible by integration"):
        github.open(a_change("req-000000000009", "another"))


def test_lists_are_read_to_the_end(github: GitHub, double: FakeGitHub) -> None:
    passed: dict[str, object] = {"status": "completed", "conclusion": "success"}
    double.check_runs = [passed] * 100 + [{**passed, "conclusion": "failure"}]
    assert look(github).checks == "failed"
    double.check_runs = []
    double.statuses = [{"state": "success"}] * 250 + [{"state": "error"}]
    assert look(github).checks == "failed"


def test_the_last_of_many_closings_is_told(
    github: GitHub, server: FaultServer, double: FakeGitHub
) -> None:
    close_one(github, server)
    label = {"event": "labeled", "actor": {"login": "bot"}}
    double.issue_events[1] += [label] * 150 + [{"event": "closed", "actor": {"login": "eve"}}]
    assert look(github).ended_by == "eve"


def test_a_strangers_verdict_is_none(github: GitHub, double: FakeGitHub) -> None:
    stranger = {**review("mallory", "APPROVED"), "author_association": "NONE"}
    double.reviews = [stranger]
    assert look(github).review == "none"
    double.reviews = [{**review("ada", "APPROVED"), "author_association": "MEMBER"}, stranger]
    assert look(github).reviewers == ("ada",)
    double.reviews = [{**stranger, "state": "CHANGES_REQUESTED"}]
    assert look(github).review == "none"


def test_what_did_not_change_is_not_sent_again(
    github: GitHub, server: FaultServer, double: FakeGitHub
) -> None:
    first, memory = github.read(1, NOON, {})
    stored = json.loads(json.dumps(memory))
    served: list[int] = []

    def upstream(call: Call) -> Reply:
        reply = double(call)
        served.append(reply.status)
        return reply

    server.upstream = upstream
    again, memory = github.read(1, NOON, stored)
    assert again == first
    assert served == [304] * 4
    double.reviews = [review("ada", "APPROVED")]
    assert github.read(1, NOON, memory)[0].review == "approved"
    assert served == [304] * 4 + [304, 200, 304, 304]


def test_what_open_pull_requests_change_is_asked_for_once_per_head(
    github: GitHub, server: FaultServer
) -> None:
    github.open(
        a_change(
            "req-000000000002",
            "other",
            files={"terraform/dev/s3/logs/main.tf": "x"},
            directories=(),
        )
    )
    found, memory = github.directories({})
    link = "https://github.example/acme/infrastructure/pull"
    assert found == {DIRECTORY: f"{link}/1", "terraform/dev/s3/logs": f"{link}/2"}
    asked = len(server.calls)
    assert github.directories(json.loads(json.dumps(memory)))[0] == found
    assert [call.path.rpartition("/")[2] for call in server.calls[asked:]] == ["pulls"]
    requests.patch(
        f"{server.url}/repos/{OWNER}/{NAME}/pulls/1",
        json={"state": "closed"},
        headers=KEY,
        timeout=30,
    )
    assert list(github.directories(memory)[0]) == ["terraform/dev/s3/logs"]


def test_more_than_a_page_of_open_pull_requests_is_read(github: GitHub, double: FakeGitHub) -> None:
    double.pulls += [{**double.pulls[0], "number": 2 + more} for more in range(150)]
    assert list(github.directories({})[0]) == [DIRECTORY]


def test_a_memory_of_another_version_is_asked_for_anew(github: GitHub) -> None:
    first, memory = github.read(1, NOON, {})
    spoiled = {path: {"etag": known["etag"], "data": "?"} for path, known in memory.items()}
    assert github.read(1, NOON, spoiled)[0] == first


def test_a_key_that_may_not_read_checks_sees_none(github: GitHub, server: FaultServer) -> None:
    refusal = Fault(reply=Reply(403, {"message": "Resource not accessible by integration"}))
    server.fault = lambda number, call: refusal if "check-runs" in call.path else None
    assert look(github).checks == "none"


def test_one_that_is_gone_is_said(github: GitHub) -> None:
    with pytest.raises(UpstreamRefusedError, match="reading the pull request"):
        look(github, 99)


@pytest.mark.emulator
def test_the_emulators_reviews_and_merge_are_read(tmp_path: Path) -> None:
    with github_emulator.running(tmp_path) as url, FaultServer(forward_to(url)).running() as server:
        host = GitHubHost(server, url, github_emulator.make_repository(url), github_emulator.TOKEN)
        github = host.adapter()
        opened = github.open(a_change())
        first = replace(look(github, opened.number), refused=())  # it has no commit statuses
        assert first == PullRequestState("open", opened.commit_sha, NOON)
        host.ask("POST", f"/pulls/{opened.number}/reviews", json={"event": "APPROVE"})
        run = {
            "name": "plan",
            "head_sha": opened.commit_sha,
            "status": "completed",
            "conclusion": "success",
        }
        host.ask("POST", "/check-runs", json=run)
        seen = look(github, opened.number)
        assert (seen.review, seen.reviewers, seen.checks) == ("approved", ("portal",), "passed")
        assert github.directories({})[0] == {DIRECTORY: opened.url}
        host.merge(opened.number)
        seen = look(github, opened.number)
        assert (seen.state, seen.ended_by) == ("merged", "portal")
        assert seen.ended_at is not None


def test_the_embedded_host_is_read_in_the_same_words(tmp_path: Path) -> None:
    local = LocalHost(tmp_path).adapter()
    opened = local.open(a_change())
    assert look(local) == PullRequestState("open", opened.commit_sha, NOON)
    assert local.directories({})[0] == {DIRECTORY: opened.url}
    local.merge(opened.number, "ada")
    assert local.directories({})[0] == {}
    seen = look(local)
    assert (seen.state, seen.ended_by) == ("merged", "ada")

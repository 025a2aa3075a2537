"""What every host of pull requests promises, tried on the embedded Git, on GitHub's emulator and on a stand-in."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count, takewhile
from pathlib import Path

import pytest

from provisioning.domain import OpenedPullRequest, PlacementQuery
from provisioning.domain.health import CONNECTED, EMBEDDED
from provisioning.errors import BranchTakenError, PullRequestClosedError
from tests.support import github_emulator
from tests.support.github_double import NAME, OWNER, FakeGitHub
from tests.support.github_fault_server import FaultServer, forward_to
from tests.support.pull_request_hosts import (
    BRANCH,
    DIRECTORY,
    GitHubHost,
    Host,
    LocalHost,
    a_change,
    killed_and_resumed,
)

SECOND_BRANCH = f"{BRANCH}-a1b2c3"


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with github_emulator.running(tmp_path_factory.mktemp("emulator")) as url:
        yield url


@pytest.fixture(
    params=[
        "local_git",
        "github",
        pytest.param("emulator", marks=[pytest.mark.emulator, pytest.mark.xdist_group("emulator")]),
    ]
)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    if request.param == "local_git":
        yield LocalHost(tmp_path)
    elif request.param == "github":
        double = FakeGitHub()
        with FaultServer(double).running() as server, FaultServer(double).running() as straight:
            yield GitHubHost(server, straight.url, f"{OWNER}/{NAME}", double.token)
    else:
        yield from _in_emulator(request.getfixturevalue("emulator"))


def _in_emulator(url: str) -> Iterator[Host]:
    with FaultServer(forward_to(url)).running() as server:
        yield GitHubHost(server, url, github_emulator.make_repository(url), github_emulator.TOKEN)


def query(
    *branches: str, request_id: str = "req-a1b2c3d4e5f6", fresh: bool = False
) -> PlacementQuery:
    return PlacementQuery(request_id, branches or (BRANCH, SECOND_BRANCH), [DIRECTORY], fresh)


def test_a_change_becomes_one_branch_with_one_commit_and_one_pull_request(host: Host) -> None:
    opened = host.adapter().open(a_change())
    assert opened.state == "open"
    assert opened.branch == BRANCH
    assert host.branches()[BRANCH] == opened.commit_sha
    assert host.pulls() == [(opened.number, BRANCH)]
    assert [message.strip() for message in host.messages(BRANCH)] == [
        a_change().commit_message.strip()
    ]
    assert host.text(BRANCH, f"{DIRECTORY}/main.tf") == "# main\n"
    assert str(opened.number) in opened.url


def test_a_second_call_finds_what_the_first_one_made(host: Host) -> None:
    first = host.adapter().open(a_change())
    for fresh in (False, True):
        assert host.adapter().open(a_change(fresh=fresh)) == first
    assert host.pulls() == [(first.number, BRANCH)]


def test_a_replay_on_the_same_base_makes_the_same_commit(host: Host) -> None:
    """Shown by another branch, since the same one would not be made twice."""
    if isinstance(host, LocalHost):
        pytest.skip(
            "knows a request again under any branch's name; tests/adapters/test_local_git.py has its own replay"
        )
    if isinstance(host, GitHubHost) and isinstance(host.server.upstream, FakeGitHub):
        host.server.upstream.has_graphql = False  # which dates commits itself
    first = host.adapter().open(a_change())
    assert host.adapter().open(a_change(branch=f"{BRANCH}-again")).commit_sha == first.commit_sha


def test_contents_and_names_keep_every_character(host: Host) -> None:
    text = 'größe = "日本語 🪣 ${x} %{y}"\r\n\ttab\n\n'
    path = f"{DIRECTORY}/größe 日本.tf"
    host.adapter().open(
        a_change(files={path: text, f"{DIRECTORY}/empty.tf": ""}, title="Größe “日本” & <b>")
    )
    assert host.text(BRANCH, path) == text
    assert host.text(BRANCH, f"{DIRECTORY}/empty.tf") == ""


def test_a_free_place_is_given_as_asked(host: Host) -> None:
    for fresh in (True, False):
        placement = host.adapter().place(query(fresh=fresh))
        assert (placement.branch, dict(placement.taken), placement.opened) == (BRANCH, {}, None)


def test_a_name_that_somebody_else_has_gives_way_to_the_next(host: Host) -> None:
    host.take_branch(BRANCH)
    with pytest.raises(BranchTakenError, match="somebody else"):
        host.adapter().open(a_change())
    placement = host.adapter().place(query())
    assert placement.branch == SECOND_BRANCH
    opened = host.adapter().open(a_change(branch=SECOND_BRANCH))
    assert host.pulls() == [(opened.number, SECOND_BRANCH)]


def test_all_names_taken_is_said_and_nothing_is_made(host: Host) -> None:
    host.take_branch(BRANCH)
    with pytest.raises(BranchTakenError, match="All names"):
        host.adapter().place(query(BRANCH))


def test_own_work_is_found_again_before_a_free_name(host: Host) -> None:
    host.adapter().open(a_change(branch=SECOND_BRANCH))
    assert host.adapter().place(query()).branch == SECOND_BRANCH


def test_a_directory_of_the_base_branch_is_taken_and_linked(host: Host) -> None:
    opened = host.adapter().open(a_change(request_id="req-000000000001"))
    host.merge(opened.number)
    for fresh in (True, False):
        placement = host.adapter().place(query(fresh=fresh))
        assert list(placement.taken) == [DIRECTORY]
        assert placement.taken[DIRECTORY].startswith(("http://", "https://"))


def test_a_directory_of_an_open_pull_request_is_taken_and_linked(host: Host) -> None:
    opened = host.adapter().open(a_change(request_id="req-000000000001"))
    assert dict(host.adapter().place(query()).taken) == {DIRECTORY: opened.url}


def test_the_files_of_a_directory_are_told_at_a_commit_and_on_the_base_branch(host: Host) -> None:
    text = 'größe = "日本語 🪣 ${x}"\n\ttab\n\n'
    files = {
        f"{DIRECTORY}/main.tf": text,
        f"{DIRECTORY}/empty.tf": "",
        f"{DIRECTORY}/modules/x/main.tf": "# below\n",
    }
    opened = host.adapter().open(a_change(files=files))
    reader = host.adapter()
    right_there = {"main.tf": text, "empty.tf": ""}
    assert dict(reader.contents(DIRECTORY, opened.commit_sha)) == right_there
    assert dict(reader.contents(DIRECTORY)) == {}
    assert dict(reader.contents(f"{DIRECTORY}-2", opened.commit_sha)) == {}
    host.merge(opened.number)
    assert dict(reader.contents(DIRECTORY)) == right_there


def test_a_directory_of_a_closed_pull_request_is_free(host: Host) -> None:
    opened = host.adapter().open(a_change(request_id="req-000000000001"))
    host.close(opened.number)
    placement = host.adapter().place(query())
    assert (placement.branch, dict(placement.taken)) == (SECOND_BRANCH, {})


def test_a_merged_pull_request_is_found_as_merged_and_not_opened_again(host: Host) -> None:
    opened = host.adapter().open(a_change())
    host.merge(opened.number)
    found = host.adapter().place(query()).opened
    assert found is not None
    assert (found.number, found.state) == (opened.number, "merged")
    assert host.adapter().open(a_change(fresh=False)).state == "merged"
    assert len(host.pulls()) == 1


def test_a_closed_pull_request_is_not_opened_behind_its_closers_back(host: Host) -> None:
    opened = host.adapter().open(a_change())
    host.close(opened.number)
    for fresh in (False, True):
        with pytest.raises(PullRequestClosedError, match="closed"):
            host.adapter().open(a_change(fresh=fresh))
    assert len(host.pulls()) == 1


def test_killed_between_two_calls_and_resumed_there_is_one_of_each(host: Host) -> None:
    points = takewhile(
        lambda point: killed_and_resumed(host, point, point), count(step=host.stride)
    )
    assert len(list(points)) >= 4


def test_workers_at_the_same_time_make_one_of_each(
    host: Host, request: pytest.FixtureRequest
) -> None:
    if "emulator" in request.node.name:
        pytest.skip("the emulator accepts a second pull request for a branch, which GitHub refuses")
    together = threading.Barrier(4)

    def worker(_: int) -> OpenedPullRequest:
        together.wait()
        return host.adapter().open(a_change())

    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(worker, range(4)))
    assert len({one.number for one in opened}) == 1
    assert len(host.pulls()) == 1
    assert set(host.branches()) == {"main", BRANCH}


def test_health_is_one_of_the_good_words(host: Host) -> None:
    assert host.adapter().health() in (CONNECTED, EMBEDDED)

"""The embedded host: what its review page shows, and that any git client can work with it."""

import fcntl
import os
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioning.adapters.local_git import LocalGit, LocalPullRequest
from provisioning.domain import PlacementQuery
from provisioning.domain.health import EMBEDDED, Health
from provisioning.errors import (
    DirectoryConflictError,
    InvalidInputError,
    PullRequestClosedError,
    UpstreamUnavailableError,
)
from tests.support.pull_request_hosts import BRANCH, CREATED, DIRECTORY, LocalHost, a_change


@pytest.fixture
def host(tmp_path: Path) -> LocalHost:
    return LocalHost(tmp_path)


@pytest.fixture
def local(host: LocalHost) -> LocalGit:
    return host.adapter()


def _pull(local: LocalGit, number: int) -> LocalPullRequest:
    pull = local.pull_request(number)
    assert pull is not None
    return pull


def files(local: LocalGit, pull: LocalPullRequest) -> tuple[str, ...]:
    return tuple(change.path for change in local.changes(pull))


def diff(local: LocalGit, pull: LocalPullRequest) -> str:
    return "".join(change.patch for change in local.changes(pull))


def log(host: LocalHost, *arguments: str) -> list[str]:
    return host.git("log", *arguments, at=host.path).splitlines()


def test_it_comes_into_being_with_a_first_commit_on_main(host: LocalHost, local: LocalGit) -> None:
    assert local.health() == EMBEDDED
    assert "terraform/<environment>" in host.text("main", "README.md")
    host.git("fsck", "--strict", at=host.path)


def test_many_first_users_make_one_repository(host: LocalHost) -> None:
    together = threading.Barrier(8)

    def start(_: int) -> Health:
        together.wait()
        return host.adapter().health()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(start, range(8))) == {EMBEDDED}
    assert len(log(host, "--format=%H", "main")) == 1


def test_the_record_of_a_pull_request_holds_what_the_review_page_shows(local: LocalGit) -> None:
    opened = local.open(a_change(draft=True))
    pull = local.pull_request(opened.number)
    assert pull is not None
    assert (pull.number, pull.branch, pull.state, pull.draft) == (1, BRANCH, "open", True)
    assert (pull.title, pull.body, pull.labels) == (a_change().title, "Body", ("infrallm", "prod"))
    assert pull.head_sha == opened.commit_sha
    assert files(local, pull) == (f"{DIRECTORY}/main.tf", f"{DIRECTORY}/terraform.tfvars.json")
    assert local.pull_request(2) is None
    assert local.pull_requests() == [pull]


def test_the_diff_shows_the_files_before_and_after_the_merge(local: LocalGit) -> None:
    number = local.open(a_change()).number
    before = diff(local, _pull(local, number))
    assert f"+++ b/{DIRECTORY}/main.tf" in before
    assert "\n+# main\n" in before
    local.merge(number, "ada")
    assert diff(local, _pull(local, number)) == before


def test_the_diff_is_against_where_the_branch_left_main(host: LocalHost, local: LocalGit) -> None:
    number = local.open(a_change()).number
    other = local.open(a_change("req-000000000002", "other", files={"b.tf": "b\n"}, directories=()))
    local.merge(other.number, "ada")
    assert "b.tf" not in diff(local, _pull(local, number))


def test_a_merge_names_who_did_it_and_any_client_sees_it(host: LocalHost, local: LocalGit) -> None:
    opened = local.open(a_change())
    merged = local.merge(opened.number, "ada@example.com")
    assert (merged.state, merged.closed_by) == ("merged", "ada@example.com")
    assert local.pull_request(opened.number) == merged
    assert host.branches()["main"] == merged.merge_sha
    assert host.text("main", f"{DIRECTORY}/main.tf") == "# main\n"
    assert log(host, "-1", "--format=%an|%s|%P", "main") == [
        f"ada@example.com|Merge pull request #1 from {BRANCH}|{merged.base_sha} {opened.commit_sha}"
    ]
    host.git("fsck", "--strict", at=host.path)


def test_a_second_merge_and_a_close_after_it_change_nothing(
    host: LocalHost, local: LocalGit
) -> None:
    number = local.open(a_change()).number
    merged = local.merge(number, "ada")
    assert local.merge(number, "grace") == merged
    assert local.close(number, "grace") == merged
    assert len(log(host, "--format=%H", "--first-parent", "main")) == 2


def test_a_closed_one_is_not_merged(local: LocalGit) -> None:
    number = local.open(a_change()).number
    closed = local.close(number, "ada")
    assert (closed.state, closed.closed_by) == ("closed", "ada")
    with pytest.raises(PullRequestClosedError, match="closed by ada"):
        local.merge(number, "grace")


def test_what_is_not_there_is_said(local: LocalGit) -> None:
    with pytest.raises(InvalidInputError, match="no pull request #7"):
        local.merge(7, "ada")


def test_two_changes_of_one_file_are_not_merged_over_each_other(local: LocalGit) -> None:
    first = local.open(a_change("req-000000000001", "one", files={"a.tf": "one\n"}))
    second = local.open(a_change("req-000000000002", "two", files={"a.tf": "two\n"}))
    local.merge(first.number, "ada")
    with pytest.raises(DirectoryConflictError, match="has changed since"):
        local.merge(second.number, "ada")
    assert _pull(local, second.number).state == "open"


def test_changes_of_different_files_are_merged_one_after_the_other(
    host: LocalHost, local: LocalGit
) -> None:
    for number in (1, 2, 3):
        change = a_change(f"req-{number:012x}", f"b{number}", files={f"{number}.tf": f"{number}\n"})
        local.merge(local.open(change).number, "ada")
    assert [host.text("main", f"{number}.tf") for number in (1, 2, 3)] == ["1\n", "2\n", "3\n"]


def test_commits_pushed_to_the_branch_belong_to_the_pull_request(
    host: LocalHost, local: LocalGit
) -> None:
    number = local.open(a_change()).number
    clone = host.clone()
    host.git("checkout", "--quiet", BRANCH, at=clone)
    (clone / DIRECTORY / "more.tf").write_text("# more\n")
    host.git("add", ".", at=clone)
    host.git("commit", "--quiet", "-m", "Review", at=clone)
    host.git("push", "--quiet", at=clone)
    assert f"{DIRECTORY}/more.tf" in files(local, _pull(local, number))
    assert local.open(a_change(fresh=False)).number == number
    local.merge(number, "ada")
    assert host.text("main", f"{DIRECTORY}/more.tf") == "# more\n"


def test_a_merge_made_with_plain_git_is_seen(host: LocalHost, local: LocalGit) -> None:
    number = local.open(a_change()).number
    clone = host.clone()
    host.git("merge", "--quiet", "--no-ff", "-m", "By hand", f"origin/{BRANCH}", at=clone)
    host.git("push", "--quiet", "origin", "main", at=clone)
    assert _pull(local, number).state == "merged"
    assert local.open(a_change(fresh=False)).state == "merged"
    assert local.merge(number, "ada").state == "merged"


def test_a_deleted_branch_does_not_lose_the_pull_request(host: LocalHost, local: LocalGit) -> None:
    opened = local.open(a_change())
    host.git("push", "--quiet", "origin", "--delete", BRANCH, at=host.clone())
    assert _pull(local, opened.number).head_sha == opened.commit_sha
    assert local.open(a_change(fresh=False)) == opened
    assert BRANCH not in host.branches()


def test_a_replay_in_another_copy_makes_the_same_commit(
    host: LocalHost, local: LocalGit, tmp_path: Path
) -> None:
    assert local.health() == EMBEDDED
    host.git("clone", "--quiet", "--mirror", str(host.path), str(tmp_path / "copy.git"))
    copy = LocalGit(tmp_path / "copy.git", "https://portal.example/pulls")
    assert copy.open(a_change()).commit_sha == local.open(a_change()).commit_sha


def test_the_commit_is_dated_by_the_request_and_made_by_the_portal(
    host: LocalHost, local: LocalGit
) -> None:
    local.open(a_change())
    stamp = int(CREATED.timestamp())
    assert log(host, "-1", "--format=%an|%cn|%at|%ct", BRANCH) == [
        f"InfraLLM Portal|InfraLLM Portal|{stamp}|{stamp}"
    ]


@pytest.mark.parametrize("by", ["", "<>", "a\nb <x@y>", "É. 日本", "." * 500])
def test_any_name_may_merge(host: LocalHost, local: LocalGit, by: str) -> None:
    local.merge(local.open(a_change()).number, by)
    assert log(host, "-1", "--format=%s", "main") == [f"Merge pull request #1 from {BRANCH}"]


def test_the_users_own_git_settings_and_hooks_do_not_matter(
    host: LocalHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".gitconfig").write_text(
        "[user]\n\tname = Mallory\n[core]\n\tautocrlf = true\n[diff]\n\texternal = false\n"
    )
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_AUTHOR_NAME", "GIT_CONFIG_COUNT"):
        monkeypatch.setenv(name, "1")
    local = host.adapter()
    local.open(a_change(files={"a.tf": "a\r\n"}))
    assert "+a\r\n" in diff(local, _pull(local, 1))
    assert not (host.path / "hooks").exists()


@pytest.mark.parametrize(
    "name", ["HEAD.lock", "packed-refs.lock", f"refs/heads/{BRANCH}.lock", "gc.pid.lock"]
)
@pytest.mark.parametrize("ago", [60, -3600], ids=["a minute ago", "in an hour, by its clock"])
def test_a_lock_that_a_killed_git_left_behind_is_removed(
    host: LocalHost, local: LocalGit, name: str, ago: int
) -> None:
    number = local.open(a_change("req-000000000001", "other", directories=())).number
    abandoned = host.path / name
    abandoned.parent.mkdir(parents=True, exist_ok=True)
    abandoned.touch()
    os.utime(abandoned, (time.time() - ago,) * 2)
    assert local.open(a_change()).state == "open"
    assert local.merge(number, "ada").state == "merged"
    assert list(host.path.rglob("*.lock")) == []


def test_a_lock_of_a_moment_ago_is_somebodys_who_pushes_and_is_waited_for(
    host: LocalHost, local: LocalGit
) -> None:
    assert local.health() == EMBEDDED
    (host.path / "HEAD.lock").touch()
    pusher = threading.Timer(0.3, (host.path / "HEAD.lock").unlink)
    pusher.start()
    assert local.open(a_change()).number == 1
    pusher.join()


def test_a_git_that_outlives_its_killed_parent_still_holds_the_lock(
    host: LocalHost, local: LocalGit
) -> None:
    """The file lock goes with the process that writes, not with the one that was killed."""
    assert local.health() == EMBEDDED
    lock = os.open(f"{host.path}.lock", os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    with subprocess.Popen(["sleep", "60"], pass_fds=(lock,)) as survivor:
        os.close(lock)
        done = threading.Event()

        def work() -> None:
            local.open(a_change())
            done.set()

        worker = threading.Thread(target=work)
        worker.start()
        assert not done.wait(0.3)
        survivor.kill()
        worker.join(30)
        assert done.is_set()


def test_a_folder_that_cannot_be_written_is_told_to_the_operator(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    local = LocalGit(tmp_path / "file" / "infrastructure.git", "https://portal.example/pulls")
    with pytest.raises(
        UpstreamUnavailableError, match=r"cannot be written: .*\. An operator must mend that"
    ):
        local.open(a_change())
    assert local.health().detail.startswith("The embedded Git repository cannot be written")


def test_a_missing_git_program_is_told_to_the_operator(
    local: LocalGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert (
        local.health().detail
        == "The git program is missing on this machine. An operator must install it."
    )


def test_a_place_costs_no_git_process_and_an_open_one_four_however_much_is_open(
    host: LocalHost, local: LocalGit
) -> None:
    assert local.health() == EMBEDDED  # the process that stays is there
    seen = []
    for number in (1, 2, 3, 4):
        directory = f"terraform/dev/s3/b{number}"
        change = a_change(f"req-{number:012x}", f"b{number}", directories=(directory,))
        with counted_processes(host) as trace:
            local.place(PlacementQuery(change.request_id, ["free"], [directory]))
            local.open(change)
        seen.append([line.split()[0] for line in trace.read_text().splitlines()])
    assert seen[1:] == [["fast-import", "for-each-ref", "hash-object", "update-ref"]] * 3


@contextmanager
def counted_processes(host: LocalHost) -> Iterator[Path]:
    """A file with one line of arguments for each git that is run meanwhile."""
    place = host.folder / uuid.uuid4().hex
    place.mkdir()
    trace = place / "trace"
    script = f"""#!/bin/sh
shift
echo "$@" >> "{trace}"
PATH="{os.environ["PATH"]}" exec git "--git-dir={host.path}" "$@"
"""
    (place / "git").write_text(script)
    (place / "git").chmod(0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
        yield trace

"""The embedded host beside people, damage and a `git gc`: one bad object stops nothing else, and what is said is true."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from provisioning.adapters.local_git import LocalGit
from provisioning.adapters.local_git.pulls import LAST, record_ref, request_ref
from provisioning.domain import Change, PlacementQuery
from provisioning.domain.health import EMBEDDED
from provisioning.errors import NotPossibleError, UpstreamUnavailableError
from tests.support.pull_request_hosts import BRANCH, DIRECTORY, LocalHost, a_change

MESSAGE = "Squashed by hand"


@pytest.fixture
def host(tmp_path: Path) -> LocalHost:
    return LocalHost(tmp_path)


@pytest.fixture
def local(host: LocalHost) -> LocalGit:
    return host.adapter()


def numbered(number: int) -> Change:
    directory = f"terraform/dev/s3/b{number}"
    return a_change(
        f"req-{number:012x}",
        f"b{number}",
        directories=(directory,),
        files={f"{directory}/main.tf": f"# {number}\n"},
    )


def object_file(host: LocalHost, name: str) -> Path:
    sha = host.git("rev-parse", name, at=host.path).strip()
    return host.path / "objects" / sha[:2] / sha[2:]


def delete(file: Path) -> None:
    file.unlink()


def damage(file: Path) -> None:
    content = file.read_bytes()
    file.chmod(0o600)
    file.write_bytes(content[:40] + bytes(byte ^ 0xFF for byte in content[40:]))


def empty(file: Path) -> None:
    file.chmod(0o600)
    file.write_bytes(b"")


@pytest.mark.parametrize("harm", [delete, damage, empty])
def test_a_record_that_cannot_be_read_stops_no_other_and_is_named(
    host: LocalHost, local: LocalGit, harm: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    local.open(numbered(1))
    local.open(numbered(2))
    harm(object_file(host, record_ref(1)))
    after = host.adapter()
    assert after.open(numbered(3)).number == 3
    assert [pull.number for pull in after.pull_requests()] == [3, 2]
    assert "#1 cannot be read" in caplog.text
    with pytest.raises(UpstreamUnavailableError, match="record of pull request #1"):
        after.pull_request(1)
    assert after.health().detail == (
        "The record of 1 pull requests cannot be read (#1). "
        "An operator must restore them from a backup."
    )


def test_a_record_that_cannot_be_read_is_written_again_by_its_own_request(
    host: LocalHost, local: LocalGit
) -> None:
    first = local.open(numbered(1))
    delete(object_file(host, record_ref(1)))
    assert host.adapter().open(numbered(1)) == first
    assert host.pulls() == [(1, "b1")]
    assert host.adapter().health() == EMBEDDED


def test_the_newest_record_gone_no_number_is_given_twice(host: LocalHost, local: LocalGit) -> None:
    local.open(numbered(1))
    local.open(numbered(2))
    delete(object_file(host, LAST))
    assert host.adapter().open(numbered(3)).number == 3


def test_pull_requests_of_an_earlier_release_are_found_without_an_index(
    host: LocalHost, local: LocalGit
) -> None:
    first = local.open(numbered(1))
    for name in host.git(
        "for-each-ref", "--format=%(refname)", "refs/infrallm", at=host.path
    ).split():
        host.git("update-ref", "-d", name, at=host.path)
    after = host.adapter()
    found = after.place(PlacementQuery("req-000000000001", ["b1"], ["terraform/dev/s3/b1"]))
    assert found.opened == first
    taken = after.place(PlacementQuery("req-000000000002", ["b2"], ["terraform/dev/s3/b1"])).taken
    assert dict(taken) == {"terraform/dev/s3/b1": first.url}
    assert after.open(numbered(2)).number == 2
    assert host.git("rev-parse", request_ref("req-000000000001"), at=host.path)


def test_nothing_is_lost_to_a_git_gc_that_prunes_beside_the_writers(
    host: LocalHost, local: LocalGit
) -> None:
    assert local.health() == EMBEDDED
    done = threading.Event()
    collections = []

    def collect() -> None:
        while not done.is_set():
            command = ["git", f"--git-dir={host.path}", "gc", "--quiet", "--prune=now"]
            collections.append(subprocess.run(command, capture_output=True, check=False).returncode)

    collector = threading.Thread(target=collect)
    collector.start()
    with ThreadPoolExecutor(3) as pool:
        opened = list(pool.map(lambda number: host.adapter().open(numbered(number)), range(1, 25)))
    done.set()
    collector.join()
    assert sorted(one.number for one in opened) == list(range(1, 25))
    assert 0 in collections
    assert len(host.pulls()) == 24
    host.git("fsck", "--strict", "--connectivity-only", at=host.path)
    assert list(host.path.rglob("*.lock")) == []


# --- what "merged" means


def on_branch(host: LocalHost, *commands: tuple[str, ...], branch: str = BRANCH) -> None:
    clone = host.clone()
    host.git("checkout", "--quiet", branch, at=clone)
    for command in commands:
        host.git(*command, at=clone)


def on_main(host: LocalHost, *commands: tuple[str, ...]) -> None:
    on_branch(host, *commands, ("push", "--quiet", "origin", "main"), branch="main")


def state(host: LocalHost, number: int = 1) -> str:
    pull = host.adapter().pull_request(number)
    assert pull is not None
    assert pull.state == {one.number: one.state for one in host.adapter().pull_requests()}[number]
    return pull.state


def test_a_branch_that_is_set_back_to_main_is_not_merged(host: LocalHost, local: LocalGit) -> None:
    local.open(a_change())
    local.merge(local.open(numbered(2)).number, "ada")
    back = ("reset", "--quiet", "--hard", "origin/main")
    on_branch(host, back, ("push", "--quiet", "--force"))
    assert state(host) == "open"
    with pytest.raises(NotPossibleError, match="brings nothing"):
        host.adapter().merge(1, "ada")


@pytest.mark.parametrize("message", [MESSAGE, None], ids=["any message", "its message"])
def test_a_squash_is_a_merge_under_any_message(
    host: LocalHost, local: LocalGit, message: str | None
) -> None:
    local.open(a_change())
    said = ("-m", message) if message else ("--no-edit",)
    squash = ("merge", "--quiet", "--squash", f"origin/{BRANCH}")
    on_main(host, squash, ("commit", "--quiet", *said))
    assert state(host) == "merged"


def test_a_squash_with_the_reviewers_commits_is_a_merge(host: LocalHost, local: LocalGit) -> None:
    local.open(a_change())
    more = ("commit", "--quiet", "--amend", "--no-edit", "--date=2020-01-01T00:00:00")
    on_branch(host, more, ("push", "--quiet", "--force"))
    squash = ("merge", "--quiet", "--squash", f"origin/{BRANCH}")
    on_main(host, squash, ("commit", "--quiet", "-m", MESSAGE))
    on_main(host, ("rm", "-r", "--quiet", DIRECTORY), ("commit", "--quiet", "-m", "Destroy"))
    assert state(host) == "merged"


@pytest.mark.parametrize(
    "way", [("cherry-pick",), ("merge", "--no-ff", "--no-edit"), ("merge", "--ff-only")]
)
def test_a_pick_and_a_merge_by_hand_are_merges(
    host: LocalHost, local: LocalGit, way: tuple[str, ...]
) -> None:
    local.open(a_change())
    on_main(host, (*way, f"origin/{BRANCH}"))
    assert state(host) == "merged"


def test_somebody_elses_change_of_the_same_directory_is_no_merge(
    host: LocalHost, local: LocalGit
) -> None:
    local.open(a_change())
    clone = host.clone()
    (clone / DIRECTORY).mkdir(parents=True)
    (clone / DIRECTORY / "main.tf").write_text("# another\n")
    host.git("add", ".", at=clone)
    host.git("commit", "--quiet", "-m", "Another", at=clone)
    host.git("push", "--quiet", at=clone)
    assert state(host) == "open"


# --- the review page


def test_the_review_page_names_every_file(host: LocalHost, local: LocalGit) -> None:
    local.open(a_change(files={f"{DIRECTORY}/main.tf": "# main\n" * 20}))
    clone = host.clone()
    folder = clone / DIRECTORY
    host.git("checkout", "--quiet", BRANCH, at=clone)
    host.git("mv", f"{DIRECTORY}/main.tf", f"{DIRECTORY}/moved.tf", at=clone)
    (folder / "größe 日本.tf").write_text("# é\n")
    (folder / 'odd "name"\t\\.tf').write_text("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n")
    (folder / "line\nbreak.tf").write_text("# x\n")
    (folder / "logo.png").write_bytes(b"\x89PNG\0\xff")
    (folder / "empty.tf").touch()
    (folder / "link").symlink_to("moved.tf")
    (clone / "README.md").chmod(0o755)
    host.git("add", ".", at=clone)
    host.git("commit", "--quiet", "-m", "Review", at=clone)
    host.git("push", "--quiet", at=clone)
    pull = local.pull_request(1)
    assert pull is not None
    found = {change.path.removeprefix(f"{DIRECTORY}/"): change for change in local.changes(pull)}
    assert set(found) == {
        "README.md",
        "moved.tf",
        "größe 日本.tf",
        'odd "name"\t\\.tf',
        "line\nbreak.tf",
        "logo.png",
        "empty.tf",
        "link",
    }
    assert (found["README.md"].old_mode, found["README.md"].new_mode) == ("100644", "100755")
    assert found["logo.png"].binary
    assert "+# é" in found["größe 日本.tf"].patch


def test_the_review_page_holds_when_branch_and_main_are_rewritten_or_renamed(
    host: LocalHost, local: LocalGit
) -> None:
    opened = local.open(a_change())
    shown = [change.path for change in local.changes(local.pull_requests()[0])]
    host.git("branch", "-m", BRANCH, "renamed", at=host.path)
    host.git("branch", "-m", "main", "trunk", at=host.path)
    clone = host.clone()
    host.git("checkout", "--quiet", "--orphan", "new", at=clone)
    host.git("commit", "--quiet", "-m", "History rewritten", at=clone)
    host.git("push", "--quiet", "--force", "origin", "new:trunk", at=clone)
    after = host.adapter()
    pull = after.pull_request(opened.number)
    assert pull is not None
    assert (pull.state, pull.head_sha) == ("open", opened.commit_sha)
    assert [change.path for change in after.changes(pull)] == shown
    assert after.health() == EMBEDDED
    assert after.open(numbered(2)).number == 2
    assert after.merge(2, "ada").state == "merged"
    assert "terraform/dev/s3/b2" in host.git("ls-tree", "-r", "--name-only", "trunk", at=host.path)


# --- health tries what requests need


def no_head(host: LocalHost) -> None:
    (host.path / "HEAD").unlink()


def unborn(host: LocalHost) -> None:
    host.git("symbolic-ref", "HEAD", "refs/heads/gone", at=host.path)


def no_commit(host: LocalHost) -> None:
    delete(object_file(host, "main"))


def no_tree(host: LocalHost) -> None:
    delete(object_file(host, "main^{tree}"))


def no_objects(host: LocalHost) -> None:
    (host.path / "objects").rename(host.path / "elsewhere")


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (no_head, "HEAD of the embedded Git repository is missing"),
        (unborn, "has no branch gone, which HEAD names"),
        (no_commit, "The commit of main is missing"),
        (no_tree, "Files of the base branch are missing"),
        (no_objects, "An operator must"),
    ],
)
def test_health_says_what_would_stop_a_request(
    host: LocalHost, local: LocalGit, harm: Callable[[LocalHost], None], words: str
) -> None:
    assert local.health() == EMBEDDED
    harm(host)
    for adapter in (local, host.adapter()):
        assert adapter.health().state == "error"
        assert words in adapter.health().detail
        with pytest.raises(UpstreamUnavailableError, match="embedded Git repository"):
            adapter.open(numbered(1))


def test_a_full_disk_is_told_by_trying(host: LocalHost, local: LocalGit) -> None:
    """A limit on the size of files stands for the disk: rights do not stop root, and both fail at the write."""
    assert local.health() == EMBEDDED
    script = f"""
import resource, signal
from pathlib import Path
from provisioning.adapters.local_git import LocalGit
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
print(LocalGit(Path({str(host.path)!r}), "").health().detail)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout.startswith("The embedded Git repository cannot be written: ")


def test_a_repository_that_was_replaced_is_seen_as_it_is_now(
    host: LocalHost, local: LocalGit, tmp_path: Path
) -> None:
    """A restored backup lies at the same place; the git that stays would go on with the old one."""
    local.open(numbered(1))
    host.path.rename(tmp_path / "old.git")
    assert host.adapter().health() == EMBEDDED
    assert local.pull_requests() == []
    assert local.open(numbered(2)).number == 1

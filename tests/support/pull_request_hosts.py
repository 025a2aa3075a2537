"""The hosts of pull requests that the contract is tried on, each with what a test needs beside the portal's own adapter."""

import base64
import os
import signal
import stat
import subprocess
import sys
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import requests
from github import Auth

from provisioning.adapters.github import GitHub
from provisioning.adapters.local_git import LocalGit
from provisioning.domain import Change, PlacementQuery, request_trailer
from provisioning.domain.health import EMBEDDED
from provisioning.errors import UpstreamUnavailableError
from provisioning.ports import PullRequests
from tests.support.github_fault_server import Call, Fault, FaultServer

DIRECTORY = "terraform/prod/rds/payments-api"
BRANCH = "infrallm/prod-postgres-payments-api"
CREATED = datetime(2026, 11, 23, 10, 0, 15, tzinfo=UTC)


def a_change(
    request_id: str = "req-a1b2c3d4e5f6", branch: str = BRANCH, **different: Any
) -> Change:
    fields: dict[str, Any] = {
        "request_id": request_id,
        "branch": branch,
        "title": "Add prod PostgreSQL payments-api",
        "body": "Body",
        "commit_message": f"Add prod PostgreSQL payments-api\n\n- {DIRECTORY}\n\n{request_trailer(request_id)}\n",
        "committed_at": CREATED,
        "files": {
            f"{DIRECTORY}/main.tf": "# main\n",
            f"{DIRECTORY}/terraform.tfvars.json": '{"engine": "postgres"}\n',
        },
        "directories": (DIRECTORY,),
        "labels": ("infrallm", "prod"),
        "fresh": True,
    }
    return Change(**fields | different)


class Host(Protocol):
    stride: int
    """Every how many-th point of death a test tries; the bench tries all."""

    def adapter(self) -> GitHub | LocalGit:
        """A new one each time, as another process would have."""
        ...

    def branches(self) -> dict[str, str]: ...

    def pulls(self) -> list[tuple[int, str]]:
        """Number and branch."""
        ...

    def messages(self, branch: str) -> list[str]:
        """Of the commits that the branch has and main has not."""
        ...

    def text(self, branch: str, path: str) -> str: ...

    def take_branch(self, branch: str) -> None:
        """Somebody else makes it, with a commit of his own."""
        ...

    def merge(self, number: int) -> None: ...

    def close(self, number: int) -> None: ...

    def killed(self, attempt: Callable[[PullRequests], object], point: int) -> bool:
        """Runs an attempt that dies at this point; False when it came to its end before."""
        ...


class GitHubHost:
    """One repository behind a fault server. Looks are taken behind the server's back."""

    stride = 3

    def __init__(
        self, server: FaultServer, url: str, repository: str, token: str, timeout: int = 15
    ) -> None:
        self.server, self.repository, self.token, self.timeout = server, repository, token, timeout
        self._url = f"{url}/repos/{repository}"

    def adapter(self) -> GitHub:
        return GitHub(
            Auth.Token(self.token), self.repository, self.server.url, "main", self.timeout
        )

    def ask(self, method: str, path: str, **sent: Any) -> Any:
        headers = {"Authorization": f"token {self.token}"}
        answer = requests.request(method, f"{self._url}{path}", headers=headers, timeout=30, **sent)
        answer.raise_for_status()
        return answer.json()

    def branches(self) -> dict[str, str]:
        refs = self.ask("GET", "/git/matching-refs/heads/")
        return {ref["ref"].removeprefix("refs/heads/"): ref["object"]["sha"] for ref in refs}

    def pulls(self) -> list[tuple[int, str]]:
        return [
            (pull["number"], pull["head"]["ref"])
            for pull in self.ask("GET", "/pulls", params={"state": "all"})
        ]

    def messages(self, branch: str) -> list[str]:
        number = next(number for number, name in self.pulls() if name == branch)
        commits = self.ask("GET", f"/pulls/{number}/commits")
        base = self.branches()["main"]  # which the emulator lists as well
        return [commit["commit"]["message"] for commit in commits if commit["sha"] != base]

    def text(self, branch: str, path: str) -> str:
        return base64.b64decode(
            self.ask("GET", f"/contents/{path}", params={"ref": branch})["content"]
        ).decode()

    def take_branch(self, branch: str) -> None:
        base = self.ask("GET", "/commits/heads/main")
        person = {
            "name": "Somebody",
            "email": "somebody@example.com",
            "date": "2026-01-01T00:00:00Z",
        }
        tree = {
            "base_tree": base["commit"]["tree"]["sha"],
            "tree": [
                {
                    "path": f"{DIRECTORY}/other.tf",
                    "mode": "100644",
                    "type": "blob",
                    "content": "# theirs\n",
                }
            ],
        }
        commit = {
            "message": "Something else",
            "tree": self.ask("POST", "/git/trees", json=tree)["sha"],
            "parents": [base["sha"]],
            "author": person,
            "committer": person,
        }
        sha = self.ask("POST", "/git/commits", json=commit)["sha"]
        self.ask("POST", "/git/refs", json={"ref": f"refs/heads/{branch}", "sha": sha})

    def merge(self, number: int) -> None:
        self.ask("PUT", f"/pulls/{number}/merge", json={})

    def close(self, number: int) -> None:
        self.ask("PATCH", f"/pulls/{number}", json={"state": "closed"})

    def killed(self, attempt: Callable[[PullRequests], object], point: int) -> bool:
        """The network dies with the worker: at an even point before a call, at an odd one after it took effect."""
        first = len(self.server.calls) + point // 2

        def dying(number: int, call: Call) -> Fault | None:
            return Fault(done=number == first and point % 2 == 1) if number >= first else None

        self.server.fault = dying
        try:
            attempt(self.adapter())
        except UpstreamUnavailableError:
            return True
        finally:
            self.server.fault = lambda number, call: None
        return False


class LocalHost:
    """Looked at through `git clone`, as anybody would."""

    stride = 1

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "infrastructure.git"

    def adapter(self) -> LocalGit:
        return LocalGit(self.path, "https://portal.example/pulls")

    def clone(self) -> Path:
        clone = self.folder / uuid.uuid4().hex
        self.git("clone", "--quiet", str(self.path), str(clone))
        return clone

    def git(self, *arguments: str, at: Path | None = None) -> str:
        command = [
            "git",
            "-c",
            "user.name=Somebody",
            "-c",
            "user.email=somebody@example.com",
            *arguments,
        ]
        done = subprocess.run(command, cwd=at, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def branches(self) -> dict[str, str]:
        lines = self.git("ls-remote", "--heads", str(self.path)).splitlines()
        return {
            name.removeprefix("refs/heads/"): sha for sha, name in (line.split() for line in lines)
        }

    def pulls(self) -> list[tuple[int, str]]:
        return [(pull.number, pull.branch) for pull in self.adapter().pull_requests()]

    def messages(self, branch: str) -> list[str]:
        return self.git("log", "--format=%B%x00", f"main..{branch}", at=self.path).split("\0")[:-1]

    def text(self, branch: str, path: str) -> str:
        clone = self.clone()
        self.git("checkout", "--quiet", branch, at=clone)
        return (clone / path).read_bytes().decode()

    def take_branch(self, branch: str) -> None:
        assert self.adapter().health() == EMBEDDED
        clone = self.clone()
        self.git("checkout", "--quiet", "-b", branch, at=clone)
        (clone / DIRECTORY).mkdir(parents=True)
        (clone / DIRECTORY / "other.tf").write_text("# theirs\n")
        self.git("add", ".", at=clone)
        self.git("commit", "--quiet", "-m", "Something else", at=clone)
        self.git("push", "--quiet", "origin", branch, at=clone)

    def merge(self, number: int) -> None:
        self.adapter().merge(number, "reviewer")

    def close(self, number: int) -> None:
        self.adapter().close(number, "reviewer")

    def killed(self, attempt: Callable[[PullRequests], object], point: int) -> bool:
        """kill -9, from inside the git program: before its work at an even point, after it at an odd one."""
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # threads of the test runner: the child uses none
            child = os.fork()
        if child == 0:
            with _deadly_git(self.folder, point // 2, after=point % 2 == 1):
                attempt(self.adapter())
                os._exit(0)
        status = os.waitpid(child, 0)[1]
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
        return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def killed_and_resumed(host: Host, number: int, point: int) -> bool:
    """One request whose first attempt dies and whose second one must leave one branch, one commit, one pull request."""
    request_id, branch, directory = (
        f"req-{number:012x}",
        f"infrallm/b{number}",
        f"terraform/dev/s3/b{number}",
    )
    names = (branch, f"{branch}-{number}")
    change = a_change(
        request_id, branch, directories=(directory,), files={f"{directory}/main.tf": "# main\n"}
    )

    def attempt(adapter: PullRequests) -> None:
        adapter.place(PlacementQuery(request_id, names, [directory], fresh=True))
        adapter.open(change)

    if not host.killed(attempt, point):
        return False
    adapter = host.adapter()
    placement = adapter.place(PlacementQuery(request_id, names, [directory]))
    assert (placement.branch, dict(placement.taken)) == (branch, {})
    opened = adapter.open(replace(change, fresh=False))
    assert [pull for pull in host.pulls() if pull[1] in names] == [(opened.number, branch)]
    assert [message.strip() for message in host.messages(branch)] == [change.commit_message.strip()]
    assert names[1] not in host.branches()
    return True


@contextmanager
def _deadly_git(folder: Path, call: int, *, after: bool) -> Iterator[None]:
    """A `git` in front of the real one that kills its caller at the given call."""
    place = folder / uuid.uuid4().hex
    place.mkdir()
    real = subprocess.run(
        ["which", "git"], capture_output=True, text=True, check=True
    ).stdout.strip()
    dies = "kill -9 $PPID; exit 1"
    # The git that stays ends with its caller: there is no "after it" in which to die.
    order = f'case "$*" in *cat-file*) {dies};; esac; "{real}" "$@"; {dies}' if after else dies
    script = f"""#!/bin/sh
count=$(cat "{place}/count" 2>/dev/null || echo 0)
echo $((count + 1)) > "{place}/count"
if [ "$count" -eq {call} ]; then {order}; fi
exec "{real}" "$@"
"""
    (place / "git").write_text(script)
    (place / "git").chmod(stat.S_IRWXU)
    os.environ["PATH"] = f"{place}{os.pathsep}{os.environ['PATH']}"
    try:
        yield
    finally:
        sys.stderr.flush()
        os._exit(3)

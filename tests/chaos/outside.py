"""Stand-ins for Claude and GitHub that can be down, or hold one call at a checkpoint until the fault has happened."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from provisioning.domain import is_work_of
from tests.support.claude_server import KEY, MODELS, says
from tests.support.github_double import NAME, OWNER, FakeGitHub
from tests.support.github_fault_server import Call, Fault, FaultServer, Reply, Upstream

# Where a call is held: before it takes effect, or after that and before its answer is sent.
CALLS = {
    "claude": ("POST", r"/v1/messages"),
    "base": ("GET", r".*/commits/heads/main"),
    "commit": ("POST", r"/graphql"),
    "pull": ("POST", r".*/pulls"),
    "labels": ("POST", r".*/labels"),
}
LONGEST_HOLD_SECONDS = 60.0


class Gate:
    """Holds the first call at the checkpoint that it was armed for."""

    def __init__(self) -> None:
        self._checkpoint = ""
        self._lock = threading.Lock()
        self.reached, self._open = threading.Event(), threading.Event()

    def arm(self, checkpoint: str) -> None:
        self.reached.clear()
        self._open.clear()
        self._checkpoint = checkpoint

    def let_go(self) -> None:
        self._checkpoint = ""
        self._open.set()

    def guarding(self, upstream: Upstream) -> Upstream:
        def answer(call: Call) -> Reply:
            self._pass(call, "before")
            reply = upstream(call)
            self._pass(call, "after")
            return reply

        return answer

    def _pass(self, call: Call, side: str) -> None:
        with self._lock:
            name, _, armed_side = self._checkpoint.partition(" ")
            method, pattern = CALLS.get(name, ("", ""))
            if side != armed_side or call.method != method or not re.fullmatch(pattern, call.path):
                return
            self._checkpoint = ""
        self.reached.set()
        self._open.wait(LONGEST_HOLD_SECONDS)


@dataclass
class Outside:
    gate: Gate
    github: FakeGitHub
    github_server: FaultServer
    claude_server: FaultServer

    def variables(self) -> dict[str, str]:
        return {
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": self.claude_server.url,
            "PARSER": "claude",
            "GITHUB_TOKEN": self.github.token,
            "ALLOW_EXAMPLE_VALUES": "true",
            "GITHUB_ORG": OWNER,
            "GITHUB_REPO": NAME,
            "GITHUB_API_URL": self.github_server.url,
            "GITHUB_BASE_BRANCH": "main",
        }

    def traces(self, request_id: str) -> tuple[int, int]:
        """How many pull requests and branches there are for the request."""
        with self.github.lock:
            pulls = sum(
                self._is_work(pull["head"]["sha"], request_id) for pull in self.github.pulls
            )
            branches = sum(self._is_work(sha, request_id) for sha in self.github.refs.values())
        return pulls, branches

    def _is_work(self, sha: str, request_id: str) -> bool:
        return is_work_of(request_id, self.github.commits[sha]["message"])

    def tidy(self) -> None:
        """Closes what is open, so that lists stay as short as they are in a repository where people merge."""
        with self.github.lock:
            for pull in self.github.pulls:
                pull["state"] = "closed"
            for branch in [name for name in self.github.refs if name != "main"]:
                del self.github.refs[branch]


@contextmanager
def outside() -> Iterator[Outside]:
    gate, github = Gate(), FakeGitHub()
    with (
        FaultServer(gate.guarding(github)).running() as github_server,
        FaultServer(gate.guarding(_claude)).running() as claude_server,
    ):
        yield Outside(gate, github, github_server, claude_server)


@contextmanager
def down(server: FaultServer) -> Iterator[None]:
    """Connections are dropped without an answer."""
    server.fault = lambda number, call: Fault()
    try:
        yield
    finally:
        server.fault = lambda number, call: None


def _claude(call: Call) -> Reply:
    """Reads "staging S3 bucket for <application>"."""
    if call.method == "GET":
        return Reply(
            200,
            {
                "type": "model",
                "id": MODELS[0],
                "display_name": MODELS[0],
                "created_at": "2026-01-01T00:00:00Z",
            },
        )
    text = json.loads(call.json["messages"][0]["content"])["request"]
    bucket = {
        "type": "s3",
        "application": text.removeprefix("staging S3 bucket for "),
        "environment": "staging",
        "environment_quote": "staging",
        "parameters": [],
    }
    answer = says({"outcome": "ok", "resources": [bucket], "questions": [], "reason": ""})
    return Reply(200, dict(answer.body), {"request-id": "req_of_the_stand_in"})

"""GitHub's answers for one repository, in memory: what the portal's calls need, with the refusals of the real one.

Written after https://docs.github.com/en/rest; beyond the npm emulator it refuses a second pull request for a branch and
keeps branch, pull request and files consistent.
"""

import base64
import hashlib
import json
import re
import threading
from datetime import UTC, datetime
from typing import Any

from provisioning.adapters.github.client import PERMISSIONS
from tests.support.github_fault_server import Call, Reply
from tests.support.github_graphql import NODE_ID, graphql
from tests.support.github_permissions import refuses

NOT_ALLOWED = Reply(403, {"message": "Resource not accessible by integration"})
NOT_FOUND = Reply(404, {"message": "Not Found"})
OWNER, NAME = "acme", "infrastructure"


class FakeGitHub:
    def __init__(self, token: str = "good-token") -> None:
        self.token = token
        self.lock = threading.Lock()
        self.trees: dict[str, dict[str, str]] = {}
        self.blobs: dict[str, str] = {}
        self.commits: dict[str, dict[str, Any]] = {}
        self.refs: dict[str, str] = {}
        self.pulls: list[dict[str, Any]] = []
        self.labels: dict[int, set[str]] = {}
        self.reviews: list[dict[str, Any]] = []
        self.check_runs: list[dict[str, Any]] = []
        self.statuses: list[dict[str, Any]] = []
        self.permissions = {"push": True}
        self.has_graphql = True
        self.refuses_commits = ""
        self.full_name = f"{OWNER}/{NAME}"
        self.default_branch = "main"
        self.former_names: set[str] = set()
        self.people = {"ada", "bea"}
        self.requested: dict[int, set[str]] = {}
        self.granted: dict[str, str] = dict(PERMISSIONS)
        self.issue_events: dict[int, list[dict[str, Any]]] = {}
        self.refs["main"] = self.commit(
            self.tree({"README.md": "hello"}), [], "Initial commit", "then"
        )

    def __call__(self, call: Call) -> Reply:
        if call.headers.get("authorization") not in (f"token {self.token}", f"Bearer {self.token}"):
            return Reply(401, {"message": "Bad credentials"})
        if call.path == "/graphql" and self.has_graphql:
            with self.lock:
                return graphql(self, call.json)
        path = self.below(call.path)
        if path is None:
            return self.redirected(call)
        if refuses(self.granted, call.method, path):
            return NOT_ALLOWED
        with self.lock:
            reply = self.route(call, path)
        if call.method != "GET" or reply.status != 200:
            return reply
        etag = f'W/"{hashlib.sha256(reply.body).hexdigest()}"'
        same = call.headers.get("if-none-match") == etag
        return (
            Reply(304, b"", {"etag": etag}) if same else Reply(200, reply.content, {"etag": etag})
        )

    def below(self, path: str) -> str | None:
        """Below the repository, by its name or by its number."""
        for start in (f"/repos/{self.full_name}", "/repositories/1"):
            if path == start or path.startswith(f"{start}/"):
                return path.removeprefix(start)
        return None

    def redirected(self, call: Call) -> Reply:
        """https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects"""
        for name in self.former_names:
            if call.path.startswith(f"/repos/{name}"):
                rest = call.path.removeprefix(f"/repos/{name}")
                location = f"http://{call.headers['host']}/repositories/1{rest}"
                status = 301 if call.method == "GET" else 307
                return Reply(status, {"message": "Moved", "url": location}, {"location": location})
        return NOT_FOUND

    def rename(self, full_name: str) -> None:
        self.former_names.add(self.full_name)
        self.full_name = full_name

    def rename_default_branch(self, name: str) -> None:
        self.refs[name] = self.refs.pop(self.default_branch)
        self.default_branch = name

    def route(self, call: Call, path: str) -> Reply:
        for method, pattern, answer in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and method == call.method:
                reply: Reply = answer(self, call, *match.groups())
                return reply
        return NOT_FOUND

    # --- objects

    def tree(self, files: dict[str, str]) -> str:
        sha = _sha("tree", files)
        self.trees[sha] = files
        return sha

    def commit(self, tree: str, parents: list[str], message: str, date: str) -> str:
        commit = {"tree": tree, "parents": parents, "message": message, "date": date}
        sha = _sha("commit", commit)
        self.commits[sha] = commit
        return sha

    def files(self, ref: str) -> dict[str, str]:
        return self.trees[self.commits[self.refs[ref]]["tree"]]

    def shown(self, sha: str) -> dict[str, Any]:
        commit = self.commits[sha]
        return {
            "sha": sha,
            "commit": {"message": commit["message"], "tree": {"sha": commit["tree"]}},
        }

    # --- answers

    def get_repository(self, call: Call) -> Reply:
        facts = {
            "full_name": self.full_name,
            "default_branch": self.default_branch,
            "node_id": NODE_ID,
        }
        return Reply(200, {**facts, "archived": False, "permissions": self.permissions})

    def get_commit(self, call: Call, branch: str) -> Reply:
        if not self.refs:
            return Reply(409, {"message": "Git Repository is empty."})
        if branch not in self.refs:
            return Reply(422, {"message": f"No commit found for SHA: {branch}"})
        return Reply(200, self.shown(self.refs[branch]))

    def get_contents(self, call: Call, path: str) -> Reply:
        commit = self.refs.get(call.query.get("ref", "main"), call.query.get("ref", ""))
        files = self.trees[self.commits[commit]["tree"]] if commit in self.commits else {}
        if path in files:
            content = base64.b64encode(files[path].encode()).decode()
            file = {"name": path.rpartition("/")[2], "sha": _sha("blob", files[path])}
            return Reply(200, {**file, "path": path, "type": "file", "content": content})
        entries = self.entries(files, f"{path}/")
        return Reply(200, entries) if entries else NOT_FOUND

    def entries(self, files: dict[str, str], folder: str) -> list[dict[str, str]]:
        """A subfolder stands there as one entry of its own, without what is in it."""
        found = {}
        for path, text in files.items():
            if path.startswith(folder):
                name, slash, _ = path.removeprefix(folder).partition("/")
                self.blobs[_sha("blob", text)] = text
                kind = "dir" if slash else "file"
                found[name] = {"name": name, "type": kind, "sha": _sha("blob", text)}
        return list(found.values())

    def get_blob(self, call: Call, sha: str) -> Reply:
        if sha not in self.blobs:
            return NOT_FOUND
        content = base64.encodebytes(self.blobs[sha].encode()).decode()
        return Reply(200, {"sha": sha, "encoding": "base64", "content": content})

    def post_tree(self, call: Call) -> Reply:
        body = call.json
        added = {entry["path"]: entry["content"] for entry in body["tree"]}
        return Reply(201, {"sha": self.tree({**self.trees[body["base_tree"]], **added})})

    def post_commit(self, call: Call) -> Reply:
        """Without an author it is the App's own and signed, and has the date of its making."""
        body = call.json
        author = body.get("author", {"date": f"made as number {len(self.commits)}"})
        assert body.get("author") == body.get("committer")
        sha = self.commit(body["tree"], body["parents"], body["message"], author["date"])
        self.commits[sha] |= {"signed": "author" not in body}
        return Reply(201, {"sha": sha})

    def post_ref(self, call: Call) -> Reply:
        branch = call.json["ref"].removeprefix("refs/heads/")
        if branch in self.refs:
            return Reply(422, {"message": "Reference already exists"})
        self.refs[branch] = call.json["sha"]
        return Reply(201, {"ref": call.json["ref"], "object": {"sha": call.json["sha"]}})

    def get_refs(self, call: Call) -> Reply:
        return Reply(
            200,
            [
                {"ref": f"refs/heads/{name}", "object": {"sha": sha}}
                for name, sha in self.refs.items()
            ],
        )

    def get_pulls(self, call: Call) -> Reply:
        if "head" not in call.query:
            wanted = [
                pull
                for pull in self.pulls[::-1]
                if call.query.get("state") in ("all", pull["state"])
            ]
            return Reply(200, page_of(wanted, call))
        owner, _, branch = call.query["head"].partition(":")
        if owner != self.full_name.partition("/")[0]:
            return Reply(200, [])
        found = [pull for pull in self.pulls if pull["head"]["ref"] == branch]
        return Reply(200, page_of(found[::-1], call))

    def get_pull_commits(self, call: Call, number: str) -> Reply:
        sha, commits = self.pulls[int(number) - 1]["head"]["sha"], []
        while sha in self.commits and self.commits[sha]["parents"]:
            commits.append(self.shown(sha))
            sha = self.commits[sha]["parents"][0]
        return Reply(200, page_of(commits[::-1], call))

    def post_pull(self, call: Call) -> Reply:
        head, base = call.json["head"], call.json["base"]
        if head not in self.refs or base not in self.refs:
            field = "head" if head not in self.refs else "base"
            errors = [{"resource": "PullRequest", "field": field, "code": "invalid"}]
            return Reply(422, {"message": "Validation Failed", "errors": errors})
        if any(pull["head"]["ref"] == head and pull["state"] == "open" for pull in self.pulls):
            errors = [{"message": f"A pull request already exists for {OWNER}:{head}."}]
            return Reply(422, {"message": "Validation Failed", "errors": errors})
        number = len(self.pulls) + 1
        pull = {
            "number": number,
            "html_url": f"https://github.example/{OWNER}/{NAME}/pull/{number}",
            "state": "open",
            "merged_at": None,
            "head": {"ref": head, "sha": self.refs[head]},
            "title": call.json["title"],
            "body": call.json["body"],
            "draft": call.json["draft"],
        }
        self.pulls.append(pull)
        return Reply(201, pull)

    def post_labels(self, call: Call, number: str) -> Reply:
        labels = self.labels.setdefault(int(number), set())
        labels |= set(call.json["labels"])
        return Reply(200, [{"name": name} for name in sorted(labels)])

    def post_reviewers(self, call: Call, number: str) -> Reply:
        """One who cannot be asked refuses all."""
        wanted = {*call.json.get("reviewers", ()), *call.json.get("team_reviewers", ())}
        if wanted - self.people:
            message = "Reviews may only be requested from collaborators."
            return Reply(422, {"message": message})
        self.requested.setdefault(int(number), set()).update(wanted)
        return Reply(201, self.pulls[int(number) - 1])

    def get_pull(self, call: Call, number: str) -> Reply:
        found = [pull for pull in self.pulls if pull["number"] == int(number)]
        return Reply(200, found[0]) if found else NOT_FOUND

    def get_issue(self, call: Call, number: str) -> Reply:
        return Reply(200, {"number": int(number), "closed_by": {"login": "closer"}})

    def get_issue_events(self, call: Call, number: str) -> Reply:
        return Reply(200, page_of(self.issue_events.get(int(number), []), call))

    def get_reviews(self, call: Call, number: str) -> Reply:
        return Reply(200, page_of(self.reviews, call))

    def get_check_runs(self, call: Call, sha: str) -> Reply:
        page = page_of(self.check_runs, call)
        return Reply(200, {"total_count": len(self.check_runs), "check_runs": page})

    def get_comparison(self, call: Call, base: str, sha: str) -> Reply:
        before, after = self.files(base), self.trees[self.commits[sha]["tree"]]
        changed = [name for name in after if after[name] != before.get(name)]
        return Reply(200, {"files": [{"filename": name, "status": "added"} for name in changed]})

    def get_status(self, call: Call, sha: str) -> Reply:
        return Reply(200, {"state": "pending", "statuses": page_of(self.statuses, call)})

    def put_merge(self, call: Call, number: str) -> Reply:
        pull = self.pulls[int(number) - 1]
        head = self.commits[pull["head"]["sha"]]
        tree = self.tree({**self.files("main"), **self.trees[head["tree"]]})
        self.refs["main"] = self.commit(
            tree, [self.refs["main"], pull["head"]["sha"]], "Merge", "now"
        )
        now = datetime.now(UTC).isoformat()
        pull |= {
            "state": "closed",
            "merged_at": now,
            "closed_at": now,
            "merged_by": {"login": "merger"},
        }
        return Reply(200, {"merged": True})

    def patch_pull(self, call: Call, number: str) -> Reply:
        pull, state = self.pulls[int(number) - 1], call.json["state"]
        now = datetime.now(UTC).isoformat()
        pull |= {"state": state, "closed_at": now if state == "closed" else None}
        event = {
            "event": "closed" if state == "closed" else "reopened",
            "actor": {"login": "closer"},
        }
        self.issue_events.setdefault(int(number), []).append(event)
        return Reply(200, pull)


def page_of(every: list[Any], call: Call) -> list[Any]:
    """Thirty to a page unless asked otherwise, a hundred at most:
    https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api"""
    size = min(100, int(call.query.get("per_page", 30)))
    first = size * (int(call.query.get("page", 1)) - 1)
    return every[first : first + size]


def _sha(kind: str, value: Any) -> str:
    return hashlib.sha1(f"{kind} {json.dumps(value, sort_keys=True)}".encode()).hexdigest()


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "", FakeGitHub.get_repository),
    ("GET", "/commits/heads/(.+)", FakeGitHub.get_commit),
    ("GET", "/git/matching-refs/heads/", FakeGitHub.get_refs),
    ("GET", "/contents/(.+)", FakeGitHub.get_contents),
    ("GET", "/git/blobs/([0-9a-f]+)", FakeGitHub.get_blob),
    ("POST", "/git/trees", FakeGitHub.post_tree),
    ("POST", "/git/commits", FakeGitHub.post_commit),
    ("POST", "/git/refs", FakeGitHub.post_ref),
    ("GET", "/pulls", FakeGitHub.get_pulls),
    ("GET", r"/pulls/(\d+)/commits", FakeGitHub.get_pull_commits),
    ("GET", r"/pulls/(\d+)", FakeGitHub.get_pull),
    ("GET", r"/pulls/(\d+)/reviews", FakeGitHub.get_reviews),
    ("GET", r"/issues/(\d+)", FakeGitHub.get_issue),
    ("GET", r"/issues/(\d+)/events", FakeGitHub.get_issue_events),
    ("GET", "/commits/([0-9a-f]+)/check-runs", FakeGitHub.get_check_runs),
    ("GET", "/commits/([0-9a-f]+)/status", FakeGitHub.get_status),
    ("GET", r"/compare/([^.]+)\.\.\.([0-9a-f]+)", FakeGitHub.get_comparison),
    ("POST", "/pulls", FakeGitHub.post_pull),
    ("POST", r"/issues/(\d+)/labels", FakeGitHub.post_labels),
    ("POST", r"/pulls/(\d+)/requested_reviewers", FakeGitHub.post_reviewers),
    ("PUT", r"/pulls/(\d+)/merge", FakeGitHub.put_merge),
    ("PATCH", r"/pulls/(\d+)", FakeGitHub.patch_pull),
]

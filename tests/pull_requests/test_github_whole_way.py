"""From a sentence to a merge, on software that is not ours: the portal as `make run` starts it, GitHub's emulator in Node,
and the emulator's own signed deliveries."""

import base64
import json
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from tests.support import github_emulator
from tests.support.waiting import until
from tests.support.whole_portal import Portal, free_port, running

pytestmark = [pytest.mark.emulator, pytest.mark.run, pytest.mark.xdist_group("whole way")]

SECRET = "what GitHub and the portal know"
TEXT = "production Postgres database for payments API"
BRANCH = "infrallm/prod-postgres-payments-api"
DIRECTORY = "terraform/prod/rds/payments-api"


@dataclass
class GitHub:
    url: str
    repository: str

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"token {github_emulator.TOKEN}"}
        address = f"{self.url}/repos/{self.repository}{path}"
        answer = requests.request(method, address, json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def text(self, path: str, ref: str) -> str:
        return base64.b64decode(self.ask("GET", f"/contents/{path}?ref={ref}")["content"]).decode()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Portal, GitHub]]:
    with github_emulator.running(tmp_path_factory.mktemp("emulator")) as url:
        github = GitHub(url, github_emulator.make_repository(url))
        owner, _, name = github.repository.partition("/")
        port = free_port()
        hook = {
            "url": f"http://127.0.0.1:{port}/api/v1/webhooks/github",
            "content_type": "json",
            "secret": SECRET,
        }
        github.ask("POST", "/hooks", {"name": "web", "config": hook, "events": ["*"]})
        with running(
            tmp_path_factory.mktemp("portal"),
            PORT=str(port),
            GITHUB_TOKEN=github_emulator.TOKEN,
            GITHUB_ORG=owner,
            GITHUB_REPO=name,
            ALLOW_EXAMPLE_VALUES="true",
            READS_PER_MINUTE="6000",  # these tests ask many times a second
            GITHUB_API_URL=url,
            GITHUB_WEBHOOK_SECRET=SECRET,
            GITHUB_REVIEWERS="portal",
        ) as portal:
            portal.ready()
            yield portal, github


def first(portal: Portal) -> dict[str, Any]:
    """The first start sends the specification's first example."""
    listed = json.loads(portal.page("/api/v1/requests?user=admin")[1])["requests"]
    return dict(listed[-1])


def test_the_first_start_opens_one_pull_request_on_github(both: tuple[Portal, GitHub]) -> None:
    portal, github = both
    row = first(portal)
    [pull] = github.ask("GET", "/pulls?state=all")
    assert (row["status"], row["branch_name"], row["pr_number"]) == (
        "completed",
        BRANCH,
        pull["number"],
    )
    assert row["pr_url"] == pull["html_url"]
    assert pull["head"]["ref"] == BRANCH
    assert {label["name"] for label in pull["labels"]} == {"infrallm", "prod", "rds"}
    assert row["request_id"] in pull["body"]
    base = github.ask("GET", "/commits/main")["sha"]
    [commit] = [
        one for one in github.ask("GET", f"/pulls/{pull['number']}/commits") if one["sha"] != base
    ]
    assert row["request_id"] in commit["commit"]["message"]
    assert "payments-api" in github.text(f"{DIRECTORY}/terraform.tfvars.json", BRANCH)
    assert json.loads(portal.page("/api/v1/health")[1])["checks"]["github"] == "connected"


def test_a_review_and_the_merge_reach_the_portal_by_signed_deliveries(
    both: tuple[Portal, GitHub],
) -> None:
    portal, github = both
    number = first(portal)["pr_number"]
    until(lambda: first(portal)["pull_request"]["looked_at"])
    github.ask("POST", f"/pulls/{number}/reviews", {"event": "APPROVE"})
    github.ask("PUT", f"/pulls/{number}/merge", {})
    until(lambda: first(portal)["pull_request"]["state"] == "merged", patience=20)

    row = first(portal)
    seen = row["pull_request"]
    assert (row["status"], seen["review"], seen["ended_by"]) == ("completed", "approved", "portal")
    assert seen["ended_at"]
    page = as_administrator(portal, f"/requests/{row['request_id']}")
    card, _, activity = page.partition('id="activity"')
    for sentence in ("Approved by portal.", "Merged by portal."):
        assert (card.count(sentence), activity.count(sentence)) == (1, 1)
    assert re.search(r"Merged\s*</span>", page)
    assert "payments-api" in github.text(f"{DIRECTORY}/terraform.tfvars.json", "main")


def ended(portal: Portal, text: str) -> dict[str, Any]:
    body = json.dumps({"request": text, "requester": "ana"}).encode()
    made = post(portal, "/api/v1/provision", body).json()["request_id"]

    def status() -> dict[str, Any]:
        return dict(json.loads(portal.page(f"/api/v1/requests/{made}/status")[1]))

    until(lambda: status()["status"] in {"completed", "failed"})
    return status()


def test_the_same_again_shares_what_was_merged_and_something_else_there_is_refused(
    both: tuple[Portal, GitHub],
) -> None:
    portal, github = both
    same = ended(portal, TEXT)
    assert (same["status"], same["pr_url"]) == ("completed", first(portal)["pr_url"]), same
    other = ended(portal, f"{TEXT} with 700 GB")
    assert other["error_code"] == "directory_conflict"
    assert f"{github.url}/{github.repository}/tree/main/{DIRECTORY}" in other["error"]
    assert len(github.ask("GET", "/pulls?state=all")) == 1


def test_a_forged_delivery_is_refused(both: tuple[Portal, GitHub]) -> None:
    portal, _ = both
    headers = {"X-Hub-Signature-256": "sha256=" + "0" * 64, "X-GitHub-Delivery": "forged"}
    assert post(portal, "/api/v1/webhooks/github", b"{}", headers).status_code == 401


def test_ctrl_c_ends_the_portal_and_leaves_nothing(both: tuple[Portal, GitHub]) -> None:
    portal, _ = both
    portal.end(signal.SIGINT)


def post(
    portal: Portal, path: str, body: bytes, headers: dict[str, str] | None = None
) -> requests.Response:
    sent = {"Content-Type": "application/json", **(headers or {})}
    return requests.post(f"http://127.0.0.1:{portal.port}{path}", body, headers=sent, timeout=10)


def as_administrator(portal: Portal, path: str) -> str:
    """The page, as the person sees it who was told the password at the first start."""
    [password] = re.findall(r"Sign in as admin with the password (\S+)", portal.said)
    browser, site = requests.Session(), f"http://127.0.0.1:{portal.port}"
    token = re.findall(
        r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(f"{site}/login", timeout=10).text
    )[0]
    form = {"username": "admin", "password": password, "csrfmiddlewaretoken": token}
    browser.post(
        f"{site}/login", form, headers={"Referer": f"{site}/login"}, timeout=10
    ).raise_for_status()
    return browser.get(f"{site}{path}", timeout=10).text

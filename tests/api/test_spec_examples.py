"""The examples of the API's own document, run as they stand there against a running portal; only host and port change."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from provisioning.adapters.local_git import LocalGit
from provisioning.management.commands.dev import EXAMPLE
from tests.support.waiting import until
from tests.support.whole_portal import Portal, running

pytestmark = [pytest.mark.run, pytest.mark.xdist_group("first portal")]

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT.parent / "shared/spec/infrallm-api-service.md"
DOCUMENT = ROOT / "docs/api.md"
FENCE = re.compile(r"```(\w+)\n(.*?)```", re.S)


def examples(document: Path) -> dict[str, list[str]]:
    """By language; only what calls the API."""
    found: dict[str, list[str]] = {"bash": [], "python": [], "typescript": []}
    for language, code in FENCE.findall(document.read_text()):
        calls = "curl " in code or "requests.post" in code or "fetch(" in code
        if language in found and calls:
            found[language].append(code)
    return found


@pytest.fixture
def portal(first_portal: Portal) -> Portal:
    return first_portal


def here(code: str, portal: Portal) -> str:
    return re.sub(r"http://(localhost|infrallm-api):8000", f"http://127.0.0.1:{portal.port}", code)


def bash(code: str) -> dict[str, object]:
    done = subprocess.run(
        ["bash", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


# "Request Body" of the specification, which shows it outside of its examples.
REQUEST_BODY = {
    "request": "production Postgres database for payments API",
    "requester": "user@company.com",
    "team": "payments-team",
    "service": "payments-api",
    "environment": "prod",
}
PROVISION, STATUS, DRY_RUN = examples(DOCUMENT)["bash"]


def test_the_document_has_the_examples_of_the_specification() -> None:
    if not SPEC.is_file():
        pytest.skip("the specification is not beside the project")
    assert examples(SPEC) == examples(DOCUMENT)


def test_curl_provisions_and_asks_for_the_status(portal: Portal) -> None:
    answer = bash(here(PROVISION, portal))
    assert (answer["status"], answer["message"]) == ("queued", "Request queued for processing")

    asked = STATUS.replace("req-a1b2c3d4e5f6", str(answer["request_id"]))
    status = bash(here(asked, portal))
    assert status["request_text"] == "production RDS Postgres for user service"
    assert bash(here(STATUS, portal))["detail"] == "Request req-a1b2c3d4e5f6 not found"
    until(lambda: bash(here(asked, portal))["status"] == "completed")


def test_curl_previews_the_values_of_the_contract(portal: Portal) -> None:
    answer = bash(here(DRY_RUN, portal))
    parsed = answer["parsed_requirements"]
    assert isinstance(parsed, dict)
    assert {name: parsed[name] for name in ("resource_type", "resource_name", "environment")} == {
        "resource_type": "s3",
        "resource_name": "logs-bucket",
        "environment": "staging",
    }
    assert answer["directory"] == "terraform/staging/s3/logs-bucket"
    files = answer["terraform_files"]
    assert isinstance(files, dict)
    assert {"main.tf", "variables.tf", "outputs.tf"} <= set(files)


def test_the_python_script_follows_its_request_to_the_pull_request(portal: Portal) -> None:
    [code] = examples(DOCUMENT)["python"]
    done = subprocess.run(
        [sys.executable, "-c", here(code, portal)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert re.search(r"^PR created: http://127\.0\.0\.1:\d+/pulls/\d+$", done.stdout, re.M), (
        done.stdout
    )


@pytest.mark.parametrize("order", [1, -1], ids=["as they stand there", "backwards"])
def test_all_of_them_succeed_on_a_fresh_start_in_any_order_and_twice(
    order: int, tmp_path: Path
) -> None:
    """Nothing is cleared: the demo's own first request, and each of these, may have been there before."""
    with running(tmp_path) as fresh:
        fresh.ready()
        for body in 2 * bodies()[::order]:
            ended = completed(fresh, body)
            assert ended["status"] == "completed", ended
        assert pull_requests_in(tmp_path / "infrastructure.git") == 2


def pull_requests_in(folder: Path) -> int:
    """The reader's own git process ends with it, and so before the portal is looked at for left-over processes."""
    return len(LocalGit(folder, "").pull_requests())


def bodies() -> list[dict[str, str]]:
    """Of the examples in all languages, and of the first chip of the page."""
    curl, python, script = (examples(DOCUMENT)[name] for name in ("bash", "python", "typescript"))
    posted = json.loads(within(r"-d '(.*?)'", curl[0]))
    called = json.loads(within(r"json=(\{.*?\})", python[0]))
    fetched = {
        "request": within(r"request: '(.*?)'", script[0]),
        "requester": "user@company.com",
        "team": within(r"team: '(.*?)'", script[0]),
    }
    chip = {"request": EXAMPLE.text, "requester": "admin", "team": EXAMPLE.team}
    return [REQUEST_BODY, posted, called, fetched, chip]


def within(pattern: str, code: str) -> str:
    [found] = re.findall(pattern, code, re.S)
    return str(found)


def completed(portal: Portal, body: dict[str, str]) -> dict[str, object]:
    address = f"http://127.0.0.1:{portal.port}/api/v1"
    made = requests.post(f"{address}/provision", json=body, timeout=30).json()
    asked = f"{address}/requests/{made['request_id']}/status"

    def status() -> dict[str, object]:
        found: dict[str, object] = requests.get(asked, timeout=30).json()
        return found

    until(lambda: status()["status"] in ("completed", "failed"))
    return status()


@pytest.mark.emulator
def test_the_javascript_follows_its_request_to_the_pull_request(
    portal: Portal, tmp_path: Path
) -> None:
    [code] = examples(DOCUMENT)["typescript"]
    script = tmp_path / "example.mjs"
    script.write_text("const user = { email: 'user@company.com' };\n" + here(code, portal))
    node = shutil.which("node")
    assert node
    done = subprocess.run(
        [node, str(script)], capture_output=True, text=True, check=True, timeout=60
    )
    assert re.search(r"^PR created: http://127\.0\.0\.1:\d+/pulls/\d+$", done.stdout, re.M), (
        done.stdout + done.stderr
    )

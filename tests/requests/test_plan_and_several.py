"""What a plan says reaches page, API and pull request; and several resources of one sentence share one pull request."""

import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from infrallm_portal.provider_mirror import find_provider_mirror
from provisioning import wiring
from provisioning.domain import Submission
from provisioning.models import ProvisionRequest
from provisioning.requests import services, tasks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("portal")]
Portal = Callable[..., None]
TWO = "staging S3 bucket and an SQS queue for invoices"


def ended(text: str) -> ProvisionRequest:
    row = services.submit(Submission(text, "ana@example.com", "payments-team"))
    tasks.run_request(row.request_id)
    done = ProvisionRequest.objects.get(pk=row.pk)
    assert (done.status, done.error) == ("completed", "")
    return done


def answer(client: Client, row: ProvisionRequest) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/requests/{row.request_id}/status").json()
    return found


def page(client: Client, row: ProvisionRequest) -> str:
    return client.get(f"/requests/{row.request_id}").text


def git(*arguments: str) -> str:
    repository = wiring.portal().data_dir / "infrastructure.git"
    return subprocess.run(
        ["git", "-C", str(repository), *arguments], capture_output=True, text=True, check=True
    ).stdout


@pytest.fixture
def with_terraform(portal: Portal) -> None:
    portal(terraform_binary="terraform", terraform_provider_mirror=find_provider_mirror())


@pytest.mark.terraform
@pytest.mark.usefixtures("with_terraform")
def test_a_real_plan_stands_in_status_page_and_pull_request(
    client: Client, admin_client: Client
) -> None:
    row = ended("dev SQS queue for invoices")
    plan = answer(client, row)["plan"]
    assert plan["add"] == len(plan["resources"]) > 1
    assert (plan["change"], plan["destroy"]) == (0, 0)
    assert "aws_sqs_queue.this" in plan["resources"]
    checks = {check["name"]: check for check in answer(client, row)["checks"]}
    assert checks["plan"]["passed"] is True
    assert checks["plan"]["tool"] == "terraform"
    shown = page(admin_client, row)
    assert f"+{plan['add']} to add" in shown
    body = admin_client.get(f"/pulls/{row.opened.number}").text  # type: ignore[union-attr]
    assert f"{plan['add']} to add, 0 to change, 0 to destroy" in body
    for resource in plan["resources"]:
        assert resource in shown
        assert resource in body


@pytest.mark.terraform
@pytest.mark.usefixtures("with_terraform")
def test_the_plans_of_two_resources_are_one_sum(client: Client) -> None:
    plan = answer(client, ended(TWO))["plan"]
    assert {"aws_s3_bucket.this", "aws_sqs_queue.this"} <= {
        name.rpartition(": ")[2] for name in plan["resources"]
    }
    assert plan["add"] == len(plan["resources"])


def test_without_terraform_the_certificate_stands_in_and_page_and_api_say_so(
    client: Client, admin_client: Client
) -> None:
    row = ended("dev SQS queue for invoices")
    assert answer(client, row)["plan"] is None
    [certificate] = [
        check for check in answer(client, row)["checks"] if check["name"] == "certificate"
    ]
    assert certificate["passed"] is True
    words = "No plan was made for this request; the certificate and the checks in process stand in for it."
    assert certificate["detail"].startswith("SQS queue: certified on 20")
    assert certificate["detail"].endswith(words)
    assert words in page(admin_client, row)


def test_two_resources_are_two_directories_in_one_commit_of_one_pull_request(
    client: Client,
) -> None:
    row = ended(TWO)
    found = answer(client, row)
    directories = [resource["directory"] for resource in found["resources"]]
    assert directories == ["terraform/staging/s3/invoices-bucket", "terraform/staging/sqs/invoices"]
    assert found["requirements"] == found["resources"][0]
    assert git("rev-list", "--count", f"main..{row.branch_name}").strip() == "1"
    changed = git("diff", "--name-only", f"main...{row.branch_name}").splitlines()
    assert {name.rpartition("/")[0] for name in changed} == set(directories)
    assert all(f"{directory}/main.tf" in changed for directory in directories)
    assert len(git("for-each-ref", "refs/heads/infrallm").splitlines()) == 1
    assert row.opened
    assert row.opened.number == 1


def test_a_preview_of_two_resources_shows_both(client: Client) -> None:
    preview = client.post(
        "/api/v1/dry-run", {"request": TWO}, content_type="application/json"
    ).json()
    assert [resource["resource_type"] for resource in preview["resources"]] == ["s3", "sqs"]
    assert preview["parsed_requirements"] == preview["resources"][0]
    assert {path.rpartition("/")[0] for path in preview["files"]} == {
        r["directory"] for r in preview["resources"]
    }


def test_one_of_two_resources_that_may_not_be_refuses_both(client: Client) -> None:
    User.objects.create_user("ana", "ana@example.com")
    row = services.submit(
        Submission("production public S3 bucket and an SQS queue for invoices", "ana@example.com")
    )
    tasks.run_request(row.request_id)
    found = answer(client, row)
    assert (found["status"], found["pr_url"]) == ("failed", None)
    assert found["error_code"] in {"policy_violation", "invalid_input"}

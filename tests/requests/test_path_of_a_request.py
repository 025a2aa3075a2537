"""The whole way on the embedded parts: real catalog, real parser, real Git repository, real database."""

import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from provisioning import wiring
from provisioning.domain import Reading, Submission
from provisioning.errors import RateLimitedError, StalePreviewError
from provisioning.models import DirectoryHold, ProvisionRequest, Status
from provisioning.requests import retries, services, tasks
from tests.support.scripted import Scripted

pytestmark = pytest.mark.django_db(transaction=True)
Portal = Callable[..., None]
TEXT = "production Postgres database for payments API"


def submitted(text: str = TEXT, **more: str) -> ProvisionRequest:
    return services.submit(Submission(text, "user@company.com", **more))  # type: ignore[arg-type]


def run(row: ProvisionRequest) -> ProvisionRequest:
    tasks.run_request(row.request_id)
    return ProvisionRequest.objects.get(pk=row.pk)


def git(*arguments: str) -> str:
    repository = wiring.portal().data_dir / "infrastructure.git"
    return subprocess.run(
        ["git", "-C", str(repository), *arguments], capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.usefixtures("portal")
def test_a_sentence_becomes_one_pull_request_with_one_commit() -> None:
    row = run(submitted(team="payments-team"))

    assert (row.status, row.error) == ("completed", "")
    assert row.branch_name == "infrallm/prod-postgres-payments-api"
    assert row.opened is not None
    assert (row.opened.number, row.opened.state) == (1, "open")
    assert [event.status for event in row.events.all()] == [
        "queued",
        "parsing",
        "generating",
        "creating_pr",
        "completed",
    ]
    assert git("rev-list", "--count", f"main..{row.branch_name}").strip() == "1"
    assert row.generated is not None
    [resource] = row.generated.resources
    tree = git("ls-tree", "-r", "--name-only", row.branch_name).splitlines()
    assert {f"{resource.directory}/{name}" for name in resource.files} <= set(tree)
    assert not DirectoryHold.objects.exists()


@pytest.mark.usefixtures("portal")
def test_the_pull_request_holds_what_the_preview_showed() -> None:
    shown = services.preview(Submission(TEXT, "user@company.com"))
    row = run(submitted())
    for one in shown.resources:
        for name, text in one.files.items():
            assert git("show", f"{row.branch_name}:{one.directory}/{name}") == text


@pytest.mark.usefixtures("portal")
def test_a_second_delivery_changes_nothing() -> None:
    row = run(submitted())
    again = run(row)
    assert (again.version, again.attempt) == (row.version, row.attempt)
    assert len(wiring.local_repository().pull_requests()) == 1


@pytest.mark.usefixtures("portal")
def test_a_submission_after_a_preview_is_built_from_the_preview(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = Submission(TEXT, "user@company.com")
    token = services.keep_preview(asked, services.preview(asked), None)
    monkeypatch.setattr(wiring, "parser", Scripted)  # asked once more, it would fail
    row = run(services.submit(asked, preview=token))
    assert row.status == "completed"


@pytest.mark.usefixtures("portal")
def test_a_preview_of_another_text_is_not_used() -> None:
    token = services.keep_preview(
        Submission(TEXT, "user@company.com"),
        services.preview(Submission(TEXT, "user@company.com")),
        None,
    )
    other = Submission("staging S3 bucket for logs", "user@company.com")
    with pytest.raises(StalePreviewError, match="has changed since the preview"):
        services.submit(other, preview=token)


@pytest.mark.usefixtures("portal")
def test_a_question_ends_the_request_and_its_answer_goes_on() -> None:
    asked = run(submitted("SQL database for staging, school-run"))
    assert (asked.status, asked.error_code) == ("failed", "needs_clarification")
    [question] = asked.questions

    answers = {question["id"]: "mysql"}
    follow_up = Submission(
        asked.text, asked.requester, answers=answers, follow_up_of=asked.request_id
    )
    answered = run(services.submit(follow_up))

    assert answered.status == "completed", answered.error
    assert answered.follow_up_of == asked
    assert answered.branch_name.startswith("infrallm/staging-mysql-")


@pytest.mark.usefixtures("portal")
def test_a_running_request_keeps_others_from_its_directory() -> None:
    row = submitted()
    other = submitted("bucket for logs")
    DirectoryHold.objects.create(
        directory="terraform/prod/rds/payments-api", provision_request=other
    )
    failed = run(row)
    assert failed.error_code == "directory_conflict"
    assert f"{wiring.public_url()}/requests/{other.request_id}" in failed.error


@pytest.mark.usefixtures("portal")
def test_nothing_the_catalog_has_is_a_question_or_a_refusal() -> None:
    row = run(submitted("what's the weather"))
    assert row.status == "failed"
    assert row.error_code in {"out_of_scope", "needs_clarification"}
    assert row.error


def test_a_service_that_is_down_puts_the_request_back_and_asks_nothing_twice(
    portal: Portal,
) -> None:
    portal(request_max_attempts=1, allow_example_values=True, **_unreachable_github())
    row = run(submitted())
    assert (row.status, row.error_code, row.attempt) == ("queued", "upstream_unreachable", 1)
    assert row.wake_at is not None
    assert row.requirements is not None

    ProvisionRequest.objects.update(wake_at=timezone.now())
    OrmQ.objects.all().delete()
    assert retries.rescue_stalled() == 1
    assert OrmQ.objects.count() == 1
    row = run(row)

    assert (row.status, row.attempt) == ("queued", 2)
    assert "parsing" in [event.status for event in row.events.filter(attempt=1)]
    assert "parsing" not in [event.status for event in row.events.filter(attempt=2)]


@pytest.mark.usefixtures("portal")
def test_the_pause_that_a_service_asks_for_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy(Scripted):
        def read(self, *_: object) -> Reading:
            raise RateLimitedError("Claude asks for a pause.", retry_after=77)

    monkeypatch.setattr(wiring, "parser", Busy)
    before = timezone.now()
    row = run(submitted())
    assert (row.status, row.error_code) == ("queued", "rate_limited")
    assert row.wake_at is not None
    assert row.wake_at > before + timedelta(seconds=76)
    assert "Next attempt in 77 s" in row.events.latest("id").detail


@pytest.mark.usefixtures("portal")
def test_a_cancelled_request_stops_between_two_phases(monkeypatch: pytest.MonkeyPatch) -> None:
    row = submitted()
    embedded = wiring.parser()

    class Slow(Scripted):
        def read(self, submission: Submission, *more: Any) -> Reading:
            services.cancel(row, "ana")
            return embedded.read(submission, *more)

    monkeypatch.setattr(wiring, "parser", Slow)
    ended = run(row)
    assert (ended.status, ended.error_code, ended.branch_name) == ("failed", "cancelled", "")
    assert wiring.local_repository().pull_requests() == []


@pytest.mark.usefixtures("portal")
def test_what_a_dead_worker_left_is_queued_again() -> None:
    submitted()
    OrmQ.objects.all().delete()
    dead = {"status": Status.GENERATING, "lease_until": timezone.now() + timedelta(seconds=60)}
    ProvisionRequest.objects.update(attempt=1, **dead)
    assert retries.rescue_stalled() == 1
    assert OrmQ.objects.count() == 1


@pytest.mark.usefixtures("portal")
def test_a_request_that_kills_each_worker_comes_to_an_end() -> None:
    row = submitted()
    ProvisionRequest.objects.update(attempt=row.attempt_limit, status=Status.PARSING)
    ended = run(row)
    assert (ended.status, ended.error_code) == ("failed", "internal_error")
    assert "stopped 5 times" in ended.error


@pytest.mark.usefixtures("portal")
def test_an_attempt_after_a_crash_goes_on_where_the_last_one_was(tmp_path: Path) -> None:
    whole = run(submitted())
    sha = git("rev-parse", whole.branch_name).strip()
    whole.pull_request.delete()
    ProvisionRequest.objects.update(status=Status.CREATING_PR, completed_at=None)

    again = run(whole)

    assert again.status == "completed"
    assert again.opened is not None
    assert again.opened.commit_sha == sha
    assert len(wiring.local_repository().pull_requests()) == 1


def _unreachable_github() -> dict[str, object]:
    from pydantic import SecretStr

    return {
        "github_token": SecretStr("t"),
        "github_org": "acme",
        "github_repo": "infrastructure",
        "github_api_url": "http://127.0.0.1:9",
    }

"""The same again shares the pull request that is there; anything else in its directory is a conflict."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from django_q.models import OrmQ

from provisioning import wiring
from provisioning.domain import Submission
from provisioning.domain.identity import Role
from provisioning.identity.people import caller_of_user
from provisioning.models import DirectoryHold, ProvisionRequest, Status, as_json
from provisioning.pull_requests import sync
from provisioning.requests import retries, services, tasks
from tests.support.github_double import FakeGitHub
from tests.support.github_fault_server import FaultServer
from tests.support.github_portal import GitHubPortal
from tests.support.people import make_user

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "production Postgres database for payments API"
DIRECTORY = "terraform/prod/rds/payments-api"


class Embedded:
    """What a reviewer does, on each kind of host."""

    def merge(self, number: int) -> None:
        wiring.local_repository().merge(number, "reviewer")

    def close(self, number: int) -> None:
        wiring.local_repository().close(number, "reviewer")

    def opened(self) -> int:
        return len(wiring.local_repository().pull_requests())


class OnGitHub:
    def __init__(self, double: FakeGitHub) -> None:
        self.double = double

    def merge(self, number: int) -> None:
        pull = self.double.pulls[number - 1]
        head = self.double.commits[pull["head"]["sha"]]
        files = {**self.double.files("main"), **self.double.trees[head["tree"]]}
        self.double.refs["main"] = self.double.commit(
            self.double.tree(files), [self.double.refs["main"]], "Merge", "now"
        )
        pull |= {"state": "closed", "merged_at": "2026-11-23T12:00:00Z"}

    def close(self, number: int) -> None:
        self.double.pulls[number - 1] |= {"state": "closed", "closed_at": "2026-11-23T12:00:00Z"}

    def opened(self) -> int:
        return len(self.double.pulls)


Reviewer = Embedded | OnGitHub


@pytest.fixture(params=["local_git", "github"])
def reviewer(request: pytest.FixtureRequest, portal: Callable[..., None]) -> Iterator[Reviewer]:
    if request.param == "local_git":
        yield Embedded()
        return
    double = FakeGitHub()
    with FaultServer(double).running() as server:
        portal(**GitHubPortal(double, server).settings())
        yield OnGitHub(double)


def submitted(text: str = TEXT, requester: str = "ana", **more: str) -> ProvisionRequest:
    return services.submit(Submission(text, requester, **more))  # type: ignore[arg-type]


def run(row: ProvisionRequest) -> ProvisionRequest:
    ProvisionRequest.objects.filter(pk=row.pk).update(wake_at=None)
    tasks.run_request(row.request_id)
    return ProvisionRequest.objects.get(pk=row.pk)


def number_of(row: ProvisionRequest) -> int:
    assert row.status == "completed", row.error
    assert row.opened is not None
    return row.opened.number


def test_the_same_again_shares_the_open_pull_request(reviewer: Reviewer) -> None:
    first, second = run(submitted()), run(submitted())
    assert (number_of(first), number_of(second)) == (1, 1)
    assert second.branch_name == first.branch_name
    assert any("#1 (open) holds the same already" in note for note in second.notes)
    assert second.events.latest("id").detail in second.notes
    assert reviewer.opened() == 1
    assert not DirectoryHold.objects.exists()


def test_the_same_again_shares_the_merged_pull_request(reviewer: Reviewer) -> None:
    run(submitted())
    reviewer.merge(1)
    second = run(submitted())
    assert number_of(second) == 1
    assert any("#1 (merged)" in note for note in second.notes)
    assert reviewer.opened() == 1


def test_closed_without_a_merge_there_is_a_new_one(reviewer: Reviewer) -> None:
    run(submitted())
    reviewer.close(1)
    second = run(submitted())
    second = second if second.status == "completed" else run(second)
    assert number_of(second) == 2
    third = run(submitted())
    assert number_of(third) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"requester": "ana"}, {"requester": "bo"}),
        ({"team": "payments-team", "service": "payments-api"}, {"team": "payments-team"}),
        ({}, {"team": "payments-team"}),
        ({"team": "payments-team"}, {}),
        ({"team": "payments-team"}, {"team": "Payments-Team"}),
        ({"environment": "prod"}, {"text": "production Postgres for payments API"}),
    ],
)
def test_who_asks_and_what_only_one_side_says_does_not_matter(
    reviewer: Reviewer, first: dict[str, str], second: dict[str, str]
) -> None:
    assert number_of(run(submitted(**first))) == 1
    assert number_of(run(submitted(**second))) == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"team": "payments-team"}, {"team": "backend-team"}),
        ({"service": "payments-api"}, {"service": "payments"}),
        ({}, {"text": f"{TEXT} with 500 GB"}),
        ({}, {"text": f"{TEXT}, MySQL compatible? no, Postgres 15"}),
    ],
)
def test_something_else_or_somebody_elses_stays_a_conflict(
    reviewer: Reviewer, first: dict[str, str], second: dict[str, str]
) -> None:
    opened = run(submitted(**first))
    refused = run(submitted(**second))
    assert (refused.status, refused.error_code) == ("failed", "directory_conflict")
    assert opened.opened is not None
    assert opened.opened.url in refused.error
    assert reviewer.opened() == 1


@pytest.mark.parametrize("directory", [DIRECTORY, f"{DIRECTORY}-of-somebody"])
def test_what_people_pushed_on_top_counts(portal: Callable[..., None], directory: str) -> None:
    double = FakeGitHub()
    with FaultServer(double).running() as server:
        portal(**GitHubPortal(double, server).settings())
        first = run(submitted())
        files = {**double.files(first.branch_name), f"{directory}/more.tf": "# more\n"}
        pushed = double.commit(double.tree(files), [], "By hand", "later")
        double.refs[first.branch_name] = double.pulls[0]["head"]["sha"] = pushed
        second = run(submitted())
    assert second.error_code == ("directory_conflict" if directory == DIRECTORY else "")


def test_what_the_base_branch_became_after_the_merge_counts(
    portal: Callable[..., None], tmp_path: Path
) -> None:
    run(submitted())
    wiring.local_repository().merge(1, "reviewer")
    clone = tmp_path / "clone"

    def git(*arguments: str) -> None:
        name = ("-c", "user.name=Eve", "-c", "user.email=eve@example.com")
        subprocess.run(["git", *name, *arguments], check=True, capture_output=True)

    git("clone", str(wiring.local_repository().path), str(clone))
    values = clone / DIRECTORY / "terraform.tfvars.json"
    changed = json.loads(values.read_text()) | {"allocated_storage": 999}
    values.write_text(json.dumps(changed))
    git("-C", str(clone), "commit", "--all", "-m", "More")
    git("-C", str(clone), "push", "origin", "main")
    assert run(submitted()).error_code == "directory_conflict"


def test_while_the_first_still_runs_the_second_waits_for_it(reviewer: Reviewer) -> None:
    first, second = submitted(), submitted()
    shown = services.preview(Submission(TEXT, "ana"))
    ProvisionRequest.objects.filter(pk=first.pk).update(generated_json=as_json(shown))
    DirectoryHold.objects.create(directory=DIRECTORY, provision_request=first)

    limit = second.attempt_limit
    second = run(second)
    assert (second.status, second.error_code) == ("queued", "same_underway")
    assert second.wake_at is not None
    assert second.attempt_limit == limit + 1
    assert not second.holds.exists()

    OrmQ.objects.all().delete()
    assert number_of(run(first)) == 1
    second = ProvisionRequest.objects.get(pk=second.pk)
    assert second.wake_at is None
    assert OrmQ.objects.get().task["args"] == (second.request_id,)
    second = run(second)
    assert number_of(second) == 1
    assert second.error_code == ""
    assert reviewer.opened() == 1


def test_where_the_first_fails_the_second_opens_its_own(portal: Callable[..., None]) -> None:
    first, second = submitted(), submitted()
    shown = services.preview(Submission(TEXT, "ana"))
    ProvisionRequest.objects.filter(pk=first.pk).update(generated_json=as_json(shown))
    DirectoryHold.objects.create(directory=DIRECTORY, provision_request=first)
    run(second)
    services.finish(first, "portal", "upstream_refused", "GitHub refuses.")
    assert number_of(run(second)) == 1


def test_a_wake_that_was_lost_is_made_up_for(portal: Callable[..., None]) -> None:
    first, second = submitted(), submitted()
    shown = services.preview(Submission(TEXT, "ana"))
    ProvisionRequest.objects.filter(pk=first.pk).update(generated_json=as_json(shown))
    DirectoryHold.objects.create(directory=DIRECTORY, provision_request=first)
    second = run(second)
    DirectoryHold.objects.all().delete()
    OrmQ.objects.all().delete()
    ProvisionRequest.objects.filter(pk=second.pk).update(wake_at=second.created_at)
    retries.rescue_stalled()
    assert (second.request_id,) in [task.task["args"] for task in OrmQ.objects.all()]


def test_all_directories_must_be_in_the_one_pull_request(reviewer: Reviewer) -> None:
    both = "staging SQS queue and SNS topic for invoices"
    run(submitted(both))
    assert number_of(run(submitted(both))) == 1
    assert number_of(run(submitted("staging SNS topic for invoices"))) == 1
    other = run(submitted("staging SNS topic and S3 bucket for invoices"))
    assert other.error_code == "directory_conflict"


def test_what_becomes_of_it_is_told_to_all_who_share_it(
    portal: Callable[..., None], client: Client
) -> None:
    first, second = run(submitted()), run(submitted(requester="bo"))
    client.force_login(make_user("root", roles=(Role.PLATFORM,)))
    client.post("/pulls/1/merge")
    for row in (first, second):
        row.refresh_from_db()
        assert row.opened is not None
        assert row.opened.state == "merged"
        assert row.events.latest("id").detail == "Merged by root@example.com."
    assert first.opened is not None
    versions = [row.version for row in (first, second)]
    sync.sync_pull_request(first.opened.pk)
    assert versions == list(
        ProvisionRequest.objects.order_by("pk").values_list("version", flat=True)
    )


def test_pages_and_api_show_it_to_whoever_shares_it(
    portal: Callable[..., None], client: Client
) -> None:
    bo = make_user("bo", "backend-team")
    run(submitted(team="payments-team"))
    shared = run(services.submit(Submission(TEXT, "bo"), caller=caller_of_user(bo)))
    client.force_login(bo)
    status = client.get(f"/api/v1/requests/{shared.request_id}/status").json()
    assert (status["status"], status["pr_number"]) == ("completed", 1)
    assert status["pr_url"].endswith("/pulls/1")
    assert status["branch_name"] == "infrallm/prod-postgres-payments-api"
    assert status["pull_request"]["state"] == "open"
    for path in ("/pulls", "/pulls/1", f"/requests/{shared.request_id}", "/requests?status=open"):
        assert "/pulls/1" in client.get(path).text or path == "/pulls/1", path
    assert shared.request_id in client.get("/requests?q=%231").text
    client.force_login(make_user("stranger"))
    assert client.get("/pulls/1").status_code == 404


def test_a_request_that_shares_counts_as_completed_once(portal: Callable[..., None]) -> None:
    run(submitted())
    again = run(run(submitted()))
    assert (again.status, again.attempt) == (Status.COMPLETED, 1)

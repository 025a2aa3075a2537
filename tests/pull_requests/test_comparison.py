"""A database and a repository that were restored to different moments are found out, and nothing is given twice."""

import shutil
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command

from provisioning import wiring
from provisioning.domain import Submission
from provisioning.models import ProvisionRequest
from provisioning.pull_requests.comparison import differences
from provisioning.requests import services
from provisioning.requests.tasks import run_request

pytestmark = pytest.mark.django_db


def opened(name: str) -> ProvisionRequest:
    row = services.submit(Submission(f"staging S3 bucket for {name}", "ana"))
    run_request(row.request_id)
    row.refresh_from_db()
    assert row.opened is not None
    return row


@pytest.fixture(autouse=True)
def _embedded(portal: Callable[..., None]) -> None:
    portal()


def test_what_agrees_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    opened("one")
    call_command("compare")
    assert capsys.readouterr().out == "Database and repository agree.\n"


def test_an_older_repository_is_found_and_a_number_given_twice_too() -> None:
    opened("one")
    path = wiring.local_repository().path
    shutil.copytree(path, path.with_name("backup"))
    lost = opened("two")
    shutil.rmtree(path)
    path.with_name("backup").rename(path)
    (said,) = differences()
    assert said.startswith(f"#2: the database has it ({lost.request_id}), the repository has not")
    other = opened("three")
    (said,) = differences()
    assert said.startswith(
        f"#2: it is {lost.request_id}'s in the database and {other.request_id}'s"
    )


def test_an_older_database_is_found() -> None:
    opened("one")
    lost = opened("two")
    name = lost.request_id
    lost.delete()
    (said,) = differences()
    assert said.startswith(f"#2: the repository has it for {name}, the database does not know")
    assert "the database is older" in said


def test_a_state_that_one_of_them_missed_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    opened("one")
    wiring.local_repository().merge(1, "ada")
    with pytest.raises(CommandError, match="1 differences"):
        call_command("compare")
    assert capsys.readouterr().out.startswith("#1: open in the database, merged in the repository.")

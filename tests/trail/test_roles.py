"""The role that web and worker connect with."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from provisioning.domain import Submission
from provisioning.models import ProvisionRequest, TrailEvent
from provisioning.requests import services, tasks
from provisioning.trail import record, roles
from provisioning.trail.record import TrailEntry
from provisioning.trail.seal import seal_committed
from provisioning.trail.verify import verify

pytestmark = pytest.mark.django_db
ROLE = "portal_of_a_test"


@pytest.fixture
def as_the_application(portal: object) -> Iterator[None]:
    call_command("database_role", ROLE)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def test_the_owner_may_change_the_trail_and_a_check_says_so() -> None:
    assert roles.may_change_the_trail()


@pytest.mark.usefixtures("as_the_application")
def test_a_request_runs_to_its_pull_request_and_its_events_are_sealed() -> None:
    assert not roles.may_change_the_trail()
    row = services.submit(Submission("staging S3 bucket for logs", "ana"))
    tasks.run_request(row.request_id)
    assert ProvisionRequest.objects.get().status == "completed"
    assert seal_committed() > 0
    assert verify().fault == ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE provisioning_trailevent SET action = 'x'",
        "DELETE FROM provisioning_trailpersonal",
        "DELETE FROM provisioning_trailseal",
        "TRUNCATE provisioning_trailcheckpoint",
        "ALTER TABLE provisioning_trailevent DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only ON provisioning_trailevent",
        "SET session_replication_role = replica",
        "DELETE FROM django_migrations",
    ],
)
@pytest.mark.usefixtures("as_the_application")
def test_it_cannot_change_what_was_recorded(statement: str) -> None:
    record.record(TrailEntry("token.issued"))
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert TrailEvent.objects.count() == 1


@pytest.mark.usefixtures("as_the_application")
def test_granting_again_after_a_migration_changes_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert roles.grant(ROLE) is False

"""A service outside is away: every request waits for it, in words, and none fails before the portal's patience ends."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from provisioning.domain import Submission
from provisioning.domain.health import Health
from provisioning.models import ProvisionRequest, Status, database_now
from provisioning.operations import health, outages
from provisioning.requests import retries, services, tasks
from tests.support.elapsed import pass_time
from tests.support.github_double import FakeGitHub
from tests.support.github_fault_server import Fault, FaultServer, Reply
from tests.support.github_portal import GitHubPortal

pytestmark = pytest.mark.django_db(transaction=True)
Portal = Callable[..., None]
AWAY = Fault(reply=Reply(502, b"<html>Unicorn!</html>"))


@pytest.fixture
def github(portal: Portal) -> Iterator[GitHubPortal]:
    double = FakeGitHub()
    with FaultServer(double).running() as server:
        made = GitHubPortal(double, server)
        portal(**made.settings())
        yield made


def submitted(number: int) -> ProvisionRequest:
    return services.submit(Submission(f"staging S3 bucket for logs{number}", "ana"))


def until_quiet(seconds: float, fault: Fault | None, github: GitHubPortal) -> None:
    """The worker's life for so long: whatever is due is run, whatever waits is waited for."""
    github.server.fault = lambda number, call: fault
    while seconds > 0:
        for row in ProvisionRequest.objects.filter(status=Status.QUEUED):
            tasks.run_request(row.request_id)
        due = [row.wake_at for row in ProvisionRequest.objects.exclude(wake_at=None) if row.wake_at]
        if not due:
            return
        step = min(seconds, max(0.1, (min(due) - database_now()).total_seconds()))
        pass_time(step)
        seconds -= step


@pytest.mark.parametrize("seconds", [1, 60, 7200])
def test_an_outage_fails_no_request_and_is_over_soon_after_its_end(
    github: GitHubPortal, seconds: float
) -> None:
    rows = [submitted(number) for number in range(3)]
    until_quiet(seconds, AWAY, github)
    assert {row.status for row in ProvisionRequest.objects.all()} == {"queued"}
    until_quiet(300, None, github)
    for row in rows:
        row.refresh_from_db()
        assert (row.status, row.error_code, row.error) == ("completed", "", "")
        assert row.waiting_since is None
    assert len(github.double.pulls) == 3


def test_a_key_that_is_being_changed_is_waited_for(github: GitHubPortal) -> None:
    row = submitted(1)
    until_quiet(10, Fault(reply=Reply(401, {"message": "Bad credentials"})), github)
    row.refresh_from_db()
    assert (row.status, row.error_code) == ("queued", "upstream_key_refused")
    until_quiet(300, None, github)
    row.refresh_from_db()
    assert row.status == "completed"


def test_the_portals_patience_ends(github: GitHubPortal, portal: Portal) -> None:
    portal(outage_patience_hours=2)
    row = submitted(1)
    until_quiet(3 * 3600, AWAY, github)
    row.refresh_from_db()
    assert (row.status, row.error_code) == ("failed", "upstream_unavailable")
    assert row.error.endswith("The portal has waited for 2 hours.")
    assert 24 <= row.attempt <= 80  # five minutes apart at most, and half of that at least


def test_attempts_that_wait_do_not_count_as_deaths(github: GitHubPortal, portal: Portal) -> None:
    portal(request_max_attempts=1)
    row = submitted(1)
    until_quiet(600, AWAY, github)
    row.refresh_from_db()
    assert row.attempt > 3
    assert row.attempt_limit == row.attempt + 1
    ProvisionRequest.objects.update(
        attempt=row.attempt_limit, wake_at=None
    )  # as after a death in the next attempt
    tasks.run_request(row.request_id)
    row.refresh_from_db()
    assert (row.status, row.error_code) == ("failed", "internal_error")


def test_page_and_health_say_since_when_github_is_away(
    github: GitHubPortal, client: Client
) -> None:
    row = submitted(1)
    assert health.latest()["outages"] == Health("ok", "none")
    until_quiet(20, AWAY, github)
    row.refresh_from_db()
    assert row.waiting_since is not None
    since = f"{row.waiting_since:%Y-%m-%d %H:%M} UTC"
    assert outages.sentence(row) == f"GitHub has been away since {since}."
    assert (
        health.latest()["outages"].detail
        == f"GitHub has been away since {since}: 1 request waits for it."
    )


def test_what_was_once_wrong_is_not_said_for_ever(github: GitHubPortal) -> None:
    row = submitted(1)
    until_quiet(1, Fault(reply=Reply(429, {"message": "Too many"}, {"retry-after": "60"})), github)
    row.refresh_from_db()
    assert (row.status, row.error_code) == ("queued", "rate_limited")
    until_quiet(120, None, github)
    row.refresh_from_db()
    assert (row.status, row.error_code) == ("completed", "")


def test_one_that_was_refused_before_is_started_with_its_teams_next(
    github: GitHubPortal, portal: Portal
) -> None:
    portal(team_concurrency=1)
    running, waiting = submitted(1), submitted(2)
    ProvisionRequest.objects.filter(pk=waiting.pk).update(error_code="rate_limited")
    ProvisionRequest.objects.filter(pk=running.pk).update(
        lease_until=timezone.now() + timedelta(seconds=60)
    )
    tasks.run_request(waiting.request_id)
    waiting.refresh_from_db()
    assert (waiting.attempt, waiting.error_code) == (0, "")
    assert waiting.wake_at is not None
    services.enqueue_next_of_team(running)
    waiting.refresh_from_db()
    assert waiting.wake_at is None


@pytest.mark.parametrize(
    "wish", ["86400000", "9" * 40, "-5", "nan", "Fri, 31 Dec 9999 23:59:59 GMT"]
)
def test_a_wait_of_any_length_is_at_most_a_day_and_can_be_cancelled(
    github: GitHubPortal, client: Client, wish: str
) -> None:
    row = submitted(1)
    until_quiet(1, Fault(reply=Reply(429, {"message": "Wait"}, {"retry-after": wish})), github)
    row.refresh_from_db()
    assert row.wake_at is not None
    assert row.wake_at <= database_now() + timedelta(days=1)
    assert client.get("/api/v1/requests?user=ana").status_code == 200
    services.cancel(row, "ana")
    row.refresh_from_db()
    assert row.error_code == "cancelled"


def failed(code: str, minute: int) -> ProvisionRequest:
    row = submitted(random.randrange(10**6))
    services.finish(row, "portal", code, "It failed.")
    at = datetime(2026, 11, 28, 10, minute, tzinfo=UTC)
    ProvisionRequest.objects.filter(pk=row.pk).update(completed_at=at)
    return row


def test_an_operator_retries_what_failed_in_a_window(portal: Portal) -> None:
    early, inside, asked, late = (
        failed("upstream_unavailable", 5),
        failed("rate_limited", 15),
        failed("needs_clarification", 16),
        failed("upstream_refused", 30),
    )
    window = ["--since", "2026-11-28T10:10", "--until", "2026-11-28T10:30"]
    said = StringIO()
    call_command("retry_failed", *window, "--dry-run", stdout=said)
    assert said.getvalue() == f"{inside.request_id} rate_limited\n1 would be queued again.\n"
    call_command("retry_failed", *window, stdout=StringIO())
    statuses = dict(ProvisionRequest.objects.values_list("pk", "status"))
    assert [statuses[row.pk] for row in (early, inside, asked, late)] == [
        "failed",
        "queued",
        "failed",
        "failed",
    ]
    said = StringIO()
    call_command("retry_failed", *window, stdout=said)
    assert said.getvalue() == "0 are queued again.\n"
    assert retries.rescue_stalled() == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--since", "noon"], "--since is 'noon'"),
        (["--since", "2026-11-28", "--code", "cancelled"], "not from outside"),
    ],
)
def test_a_wrong_option_is_said_in_words(given: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("retry_failed", *given)

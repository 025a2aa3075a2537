"""What somebody will ask about later is in the trail, whoever did it and however."""

from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection
from django.test import Client

from provisioning.domain import Submission
from provisioning.domain.identity import Role, Scope
from provisioning.identity import teams, tokens
from provisioning.identity.tokens import Holder
from provisioning.models import ApiToken, ProvisionRequest, Team, TrailEvent
from provisioning.requests import services, tasks
from provisioning.trail.seal import seal_committed
from tests.support.people import make_user

pytestmark = pytest.mark.django_db
TEXT = "staging S3 bucket for logs"


def actions() -> list[str]:
    return list(TrailEvent.objects.order_by("id").values_list("action", flat=True))


def last() -> TrailEvent:
    return TrailEvent.objects.select_related("personal").latest("id")


def test_each_state_of_a_request_is_an_event(portal: object) -> None:
    row = services.submit(Submission(TEXT, "ana"))
    tasks.run_request(row.request_id)
    states = ["queued", "parsing", "generating", "creating_pr", "completed"]
    assert actions() == [f"request.{state}" for state in states]
    event = last()
    assert (event.target, event.source) == (row.request_id, "system")
    assert (event.personal.actor, event.personal.on_behalf_of) == ("portal", "ana")


def test_a_persons_request_carries_the_person_and_the_place(portal: object, client: Client) -> None:
    client.force_login(make_user("ana"))
    client.post(
        "/requests", {"text": TEXT}, REMOTE_ADDR="192.0.2.9", headers={"User-Agent": "firefox"}
    )
    event = last()
    assert event.action == "request.queued"
    assert event.source == "session"
    personal = event.personal
    assert (personal.actor, personal.address, personal.agent) == (
        "ana@example.com",
        "192.0.2.9",
        "firefox",
    )


def test_a_request_in_somebodys_name_says_who_asked_and_for_whom(
    portal: object, client: Client
) -> None:
    body = {"request": TEXT, "requester": "ana@example.com"}
    assert (
        client.post("/api/v1/provision", body, content_type="application/json").status_code == 200
    )
    row = ProvisionRequest.objects.get()
    assert (row.identity_source, last().source) == ("demo", "demo")


def test_signing_in_and_failing_to_are_events_and_the_password_is_in_neither(
    portal: object, client: Client
) -> None:
    user = make_user("ana")
    user.set_password("a long enough password")
    user.save()
    client.post("/login", {"username": "ana", "password": "wrong secret"})
    client.post("/login", {"username": "ana", "password": "a long enough password"})
    client.post("/logout")
    assert actions() == ["signin.failed", "signin.succeeded", "signin.ended"]
    assert "secret" not in str(list(TrailEvent.objects.values("data", "target")))


@pytest.mark.parametrize("path", ["/operations"])
def test_a_page_that_ones_role_lacks_is_refused_and_that_is_an_event(
    portal: object, client: Client, path: str
) -> None:
    client.force_login(make_user("ana"))
    assert client.get(path).status_code == 403
    event = last()
    assert (event.action, event.result, event.personal.actor) == (
        "access.denied",
        "refused",
        "ana@example.com",
    )


def test_merging_is_an_event_of_who_merged(portal: object, client: Client) -> None:
    row = services.submit(Submission(TEXT, "ana"))
    tasks.run_request(row.request_id)
    client.force_login(make_user("root", roles=(Role.PLATFORM,)))
    client.post("/pulls/1/merge")
    event = TrailEvent.objects.select_related("personal").get(action="pull_request.merged")
    assert (event.target, event.personal.actor) == ("#1", "root@example.com")


def test_nobody_merges_their_own_production_request(portal: object, client: Client) -> None:
    asker = make_user("root", roles=(Role.PLATFORM,))
    row = services.submit(Submission("production S3 bucket for logs", asker.email))
    tasks.run_request(row.request_id)
    client.force_login(asker)
    answer = client.post("/pulls/1/merge")
    assert answer.status_code == 403
    assert "their own production request" in answer.content.decode()
    assert last().action == "access.denied"


def test_a_webhook_with_a_wrong_signature_is_an_event(portal: object, client: Client) -> None:
    assert (
        client.post("/api/v1/webhooks/github", b"{}", content_type="application/json").status_code
        == 401
    )
    assert last().action == "webhook.refused"


def test_the_command_verifies_and_names_what_was_changed(
    portal: object, capsys: pytest.CaptureFixture[str]
) -> None:
    services.submit(Submission(TEXT, "ana"))
    seal_committed()
    call_command("audit", "verify")
    assert "1 records are as they were sealed" in capsys.readouterr().out
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE provisioning_trailevent SET target = 'req-000000000000'")
    with pytest.raises(CommandError, match="Record 1 "):
        call_command("audit", "verify")


NAMES = {"oidc_groups": [], "backstage_ref": "", "github_slug": ""}


def issue(name: str) -> None:
    tokens.issue(name, frozenset({Scope.READ}), Holder(), "root")


def rows() -> list[object]:
    return [*ApiToken.objects.values(), *Team.objects.values()]


@pytest.mark.parametrize(
    "change",
    [
        lambda: issue("new"),
        lambda: tokens.revoke(ApiToken.objects.get()),
        lambda: teams.make("new", NAMES),
        lambda: teams.rename_elsewhere(Team.objects.get(), {**NAMES, "github_slug": "new"}),
    ],
)
def test_what_the_trail_cannot_tell_does_not_happen(change: Callable[[], object]) -> None:
    issue("old")
    teams.make("old", NAMES)
    before = rows()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE provisioning_trailevent ADD CHECK (false) NOT VALID")
    with pytest.raises(IntegrityError):
        change()
    assert rows() == before

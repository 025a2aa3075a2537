"""What is recorded stays as it was, and whoever changes it by force is found."""

import random
from collections.abc import Callable

import pytest
from django.db import DatabaseError, connection, transaction

from provisioning.models import TrailEvent, TrailPersonal, TrailSeal, TrailUnsealed
from provisioning.trail import record
from provisioning.trail.record import TrailEntry
from provisioning.trail.seal import seal_committed
from provisioning.trail.verify import verify

pytestmark = pytest.mark.django_db
EVENTS = 12


def written(count: int = EVENTS) -> None:
    for number in range(count):
        entry = TrailEntry("request.queued", "request", f"req-{number:012x}", data={"n": number})
        record.record(entry, actor=f"person {number}")


@pytest.fixture
def sealed() -> None:
    written()
    assert seal_committed() == EVENTS


def test_an_event_is_written_with_who_and_from_where() -> None:
    record.begin("192.0.2.7", "curl/8")
    record.record(
        TrailEntry("token.issued", "token", "infp_1", data={"scopes": ["read"]}), actor="ana"
    )
    record.end()
    event = TrailEvent.objects.select_related("personal").get()
    assert (event.action, event.target, event.source, event.result) == (
        "token.issued",
        "infp_1",
        "web",
        "done",
    )
    assert (event.personal.actor, event.personal.address) == ("ana", "192.0.2.7")


def test_an_event_goes_with_the_transaction_that_it_tells_of() -> None:
    with transaction.atomic():
        written(1)
        transaction.set_rollback(True)
    assert not TrailEvent.objects.exists()


def test_committed_events_are_sealed_once_and_verify(sealed: None) -> None:
    assert seal_committed() == 0
    verdict = verify()
    assert (verdict.sealed, verdict.unsealed, verdict.fault) == (EVENTS, 0, "")
    assert not TrailUnsealed.objects.exists()


def test_what_is_not_sealed_yet_is_named_and_no_fault(sealed: None) -> None:
    written(3)
    verdict = verify()
    assert (verdict.sealed, verdict.unsealed, verdict.fault) == (EVENTS, 3, "")


def test_hostile_words_are_kept_within_the_columns() -> None:
    record.begin("x" * 500, "\x00" * 10 + "é" * 500)
    record.record(
        TrailEntry("access.denied", target="/" + "a" * 500, data={"why": "</script>\u202e"})
    )
    record.end()
    assert seal_committed() == 1
    assert verify().fault == ""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE provisioning_trailevent SET action = 'x'",
        "DELETE FROM provisioning_trailevent",
        "TRUNCATE provisioning_trailseal",
        "UPDATE provisioning_trailseal SET digest = ''",
        "UPDATE provisioning_trailpersonal SET actor = 'eve'",
    ],
)
def test_postgres_refuses_to_change_what_was_recorded(sealed: None, statement: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        execute(statement)
    assert verify().fault == ""


def execute(statement: str, *values: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def by_force(statement: str, *values: int | str) -> None:
    """As somebody does who owns the server."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")


Attack = Callable[[int], None]


def change_action(number: int) -> None:
    by_force(
        "UPDATE provisioning_trailevent SET action = 'request.failed' WHERE id = %s", event(number)
    )


def change_data(number: int) -> None:
    by_force("UPDATE provisioning_trailevent SET data = '{}' WHERE id = %s", event(number))


def change_time(number: int) -> None:
    by_force(
        "UPDATE provisioning_trailevent SET at = at + interval '1 microsecond' WHERE id = %s",
        event(number),
    )


def change_actor(number: int) -> None:
    by_force(
        "UPDATE provisioning_trailpersonal SET actor = 'eve' WHERE event_id = %s", event(number)
    )


def delete_event(number: int) -> None:
    by_force("DELETE FROM provisioning_trailevent WHERE id = %s", event(number))


def delete_seal(number: int) -> None:
    by_force("DELETE FROM provisioning_trailseal WHERE number = %s", number)


def swap_events(number: int) -> None:
    other = number % EVENTS + 1
    one, two = event(number), event(other)
    by_force("UPDATE provisioning_trailseal SET event_id = -1 WHERE number = %s", number)
    by_force("UPDATE provisioning_trailseal SET event_id = %s WHERE number = %s", one, other)
    by_force("UPDATE provisioning_trailseal SET event_id = %s WHERE number = %s", two, number)


def insert_event(number: int) -> None:
    written(1)
    by_force("DELETE FROM provisioning_trailunsealed")


def event(number: int) -> int:
    return TrailSeal.objects.get(number=number).event_id


ATTACKS: list[Attack] = [
    change_action, change_data, change_time, change_actor, delete_event, delete_seal, swap_events, insert_event,
]  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_a_record_that_was_tampered_with_is_named(sealed: None, attack: Attack) -> None:
    number = random.randrange(1, EVENTS)
    attack(number)
    fault = verify().fault
    if attack is insert_event:
        assert "inserted by hand" in fault
    else:
        first = 1 if attack is swap_events and number == EVENTS else number
        assert f"Record {first}" in fault


def test_who_did_it_can_be_erased_and_the_chain_still_verifies(sealed: None) -> None:
    by_force("DELETE FROM provisioning_trailpersonal WHERE event_id = %s", event(3))
    verdict = verify()
    assert (verdict.erased, verdict.fault) == (1, "")
    assert not TrailPersonal.objects.filter(actor="person 2").exists()

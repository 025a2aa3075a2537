"""Random tampering with a sealed trail by somebody who owns the server, and what verification has to say of it."""

import random
from collections.abc import Callable

from django.db import connection, transaction

from provisioning.models import TrailSeal
from provisioning.trail import record
from provisioning.trail.digests import GENESIS, SEALED_FIELDS, link
from provisioning.trail.record import TrailEntry
from provisioning.trail.seal import seal_committed
from provisioning.trail.verify import chain_rows, verify

EVENTS, WITNESSED = 24, 16
COLUMNS = {
    "action": "'other'", "target_kind": "'other'", "target": "'other'", "source": "'other'", "result": "'other'",
    "data": "'{\"a\": 1}'", "at": "at + interval '1 microsecond'", "personal_digest": "repeat('0', 64)",
}  # fmt: skip
PERSONAL = ("actor", "on_behalf_of", "client", "address", "agent", "salt")


class UndoneError(Exception):
    """Takes back what one round did."""


def tampered(chance: random.Random) -> bool:
    """Whether one random tampering was found as promised. Leaves nothing behind."""
    verdicts = []
    try:
        with transaction.atomic():
            for number in range(EVENTS):
                record.record(TrailEntry("token.issued", "token", f"infp_{number}"), actor="ana")
            seal_committed()
            witness = TrailSeal.objects.get(number=WITNESSED)
            known = {witness.number: witness.digest}
            name = chance.choice([*PLAIN, *DEEP])
            verdicts.append(_found(chance, name, known))
            raise UndoneError
    except UndoneError:
        return all(verdicts)


def _found(chance: random.Random, name: str, known: dict[int, str]) -> bool:
    """A plain edit without a checkpoint; what makes the chain anew or shorter up to the last one, and is not called proved
    after it."""
    if name in PLAIN:
        PLAIN[name](chance)
        return verify().fault != ""
    number = chance.randrange(1, EVENTS)
    DEEP[name](number)
    verdict = verify(known)
    if number <= WITNESSED:
        return verdict.fault != ""
    return verdict.fault == "" and verdict.witnessed == WITNESSED


def change(chance: random.Random) -> None:
    column = chance.choice(list(COLUMNS))
    by_force(
        f"UPDATE provisioning_trailevent SET {column} = {COLUMNS[column]} WHERE id = %s",
        event(chance),
    )


def change_person(chance: random.Random) -> None:
    column = chance.choice(PERSONAL)
    by_force(
        f"UPDATE provisioning_trailpersonal SET {column} = 'eve' WHERE event_id = %s", event(chance)
    )


def change_seal(chance: random.Random) -> None:
    number = chance.randrange(1, EVENTS + 1)
    by_force("UPDATE provisioning_trailseal SET digest = repeat('0', 64) WHERE number = %s", number)


def delete_event(chance: random.Random) -> None:
    by_force("DELETE FROM provisioning_trailevent WHERE id = %s", event(chance))


def delete_record(chance: random.Random) -> None:
    """Not the last one: that cuts the chain."""
    number = chance.randrange(1, EVENTS)
    by_force("DELETE FROM provisioning_trailevent WHERE id = %s", of(number))
    by_force("DELETE FROM provisioning_trailseal WHERE number = %s", number)


def insert(chance: random.Random) -> None:
    record.record(TrailEntry("token.issued", "token", f"infp_{chance.random()}"))
    by_force("DELETE FROM provisioning_trailunsealed")


def reorder(chance: random.Random) -> None:
    one, other = chance.sample(range(1, EVENTS + 1), 2)
    first, second = of(one), of(other)
    by_force("UPDATE provisioning_trailseal SET event_id = -1 WHERE number = %s", one)
    by_force("UPDATE provisioning_trailseal SET event_id = %s WHERE number = %s", first, other)
    by_force("UPDATE provisioning_trailseal SET event_id = %s WHERE number = %s", second, one)


def rehash(number: int) -> None:
    """One record changed, and every link from there on made anew."""
    by_force("UPDATE provisioning_trailevent SET target = 'other' WHERE id = %s", of(number))
    digest = TrailSeal.objects.get(number=number - 1).digest if number > 1 else GENESIS
    for row in list(chain_rows(number)):
        digest = link(digest, dict(zip(SEALED_FIELDS, row[3:12], strict=True)))
        by_force("UPDATE provisioning_trailseal SET digest = %s WHERE number = %s", digest, row[0])


def truncate(number: int) -> None:
    """Everything from this record on; at the first after the checkpoint nothing contradicts that."""
    old = "SELECT event_id FROM provisioning_trailseal WHERE number >= %s"
    by_force(f"DELETE FROM provisioning_trailevent WHERE id IN ({old})", number)
    by_force("DELETE FROM provisioning_trailseal WHERE number >= %s", number)


def replace_rest(number: int) -> None:
    """Other events in the place of the last ones, sealed by the portal's own sealer."""
    truncate(number)
    for _ in range(EVENTS - number + 1):
        record.record(TrailEntry("token.issued", "token", "replaced"))
    seal_committed()


PLAIN: dict[str, Callable[[random.Random], None]] = {
    one.__name__: one
    for one in (change, change_person, change_seal, delete_event, delete_record, insert, reorder)
}
DEEP: dict[str, Callable[[int], None]] = {
    one.__name__: one for one in (rehash, truncate, replace_rest)
}


def event(chance: random.Random) -> int:
    return of(chance.randrange(1, EVENTS + 1))


def of(number: int) -> int:
    return TrailSeal.objects.get(number=number).event_id


def by_force(statement: str, *values: int | str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET LOCAL session_replication_role = origin")

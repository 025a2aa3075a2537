"""Is the trail what was sealed? Reads it once, in order, in constant memory."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from django.db import connection

from provisioning.models import TrailUnsealed
from provisioning.trail.digests import GENESIS, SEALED_FIELDS, link, personal_digest

CHUNK = 5_000
LAST = 2**63 - 1
NOTHING: Mapping[int, str] = MappingProxyType({})

# LEFT JOIN: a record whose event was deleted has to be named, not left out.
CHAIN = """
    SELECT seal.number, seal.event_id, seal.digest,
           event.id, to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           event.action, event.target_kind, event.target, event.source, event.result, event.data::text,
           event.personal_digest,
           personal.salt, personal.actor, personal.on_behalf_of, personal.client, personal.address,
           personal.agent
    FROM provisioning_trailseal seal
    LEFT JOIN provisioning_trailevent event ON event.id = seal.event_id
    LEFT JOIN provisioning_trailpersonal personal ON personal.event_id = event.id
    WHERE seal.number BETWEEN %s AND %s
    ORDER BY seal.number
"""
# The newest says where the chain begins now; events without a seal do not count.
DROPPED = """
    SELECT event.data->>'until', event.data->>'digest' FROM provisioning_trailevent event
    WHERE event.action = 'trail.dropped' ORDER BY event.id DESC LIMIT 1
"""
# An event that has neither a seal nor a place in the sealer's list was put in or taken out of that list by hand.
STRAY = """
    SELECT event.id FROM provisioning_trailevent event
    WHERE NOT EXISTS (SELECT 1 FROM provisioning_trailseal WHERE event_id = event.id)
      AND NOT EXISTS (SELECT 1 FROM provisioning_trailunsealed WHERE event_id = event.id)
    ORDER BY event.id LIMIT 1
"""
PERSONAL = ("actor", "on_behalf_of", "client", "address", "agent")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`fault` names the first record that is not as it was sealed, empty where there is none. `unsealed` events were
    written in the last seconds and are not proved yet; `witnessed` is the last record that something kept elsewhere
    vouches for; `erased` is how many have lost their personal details."""

    sealed: int
    head: str
    unsealed: int
    erased: int = 0
    fault: str = ""
    witnessed: int = 0


def verify(witnesses: Mapping[int, str] = NOTHING) -> Verdict:
    """`witnesses` are digests of records that were kept elsewhere: what comes after the last of them is not proved.
    Writers and the sealer go on meanwhile: each of the two questions is one statement, so one look."""
    verdict = _chain(witnesses)
    if verdict.fault:
        return verdict
    with connection.cursor() as cursor:
        cursor.execute(STRAY)
        stray = cursor.fetchone()
    if stray is None:
        return verdict
    fault = f"Event {stray[0]} was never sealed and does not wait for it: it was inserted by hand."
    return replace(verdict, fault=fault)


def _chain(witnesses: Mapping[int, str]) -> Verdict:
    unsealed = TrailUnsealed.objects.count()
    number, digest = _begin()
    begun, erased, witnessed = number, 0, 0
    for row in chain_rows():
        fault = _fault(row, number, digest) or _contradicted(row, witnesses)
        if fault:
            return Verdict(number - begun, digest, unsealed, erased, fault)
        number, digest = row[0], row[2]
        # Erasing is allowed, so it is counted and is no fault.
        erased += row[12] is None
        witnessed = number if number in witnesses else witnessed
    fault = _cut_off(number, witnesses)
    return Verdict(number - begun, digest, unsealed, erased, fault, witnessed)


def _begin() -> tuple[int, str]:
    """The record before the first that is kept: retention says which one it dropped last."""
    with connection.cursor() as cursor:
        cursor.execute(DROPPED)
        dropped = cursor.fetchone()
    return (int(dropped[0]), str(dropped[1])) if dropped else (0, GENESIS)


def _contradicted(row: tuple[Any, ...], witnesses: Mapping[int, str]) -> str:
    number, stored = row[0], row[2]
    if witnesses.get(number, stored) == stored:
        return ""
    return f"Record {number} is not what was kept of it elsewhere: the chain was rewritten."


def _cut_off(number: int, witnesses: Mapping[int, str]) -> str:
    last = max(witnesses, default=0)
    if last <= number:
        return ""
    return f"Record {number + 1} is missing: record {last} was kept elsewhere, and the chain ends before it."


def chain_rows(first: int = 1, last: int = LAST) -> Iterator[tuple[Any, ...]]:
    """The records with their events, in order and in constant memory."""
    # A cursor of the server's: any other would hold the whole trail in memory.
    with connection.chunked_cursor() as cursor:
        cursor.execute(CHAIN, [first, last])
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def _fault(row: tuple[Any, ...], before: int, digest: str) -> str:
    """A sentence that names the record, or nothing."""
    number, event, stored = row[:3]
    if number != before + 1:
        return f"Record {before + 1} is missing: the next one is {number}."
    if row[3] is None:
        return f"Record {number} is missing: its event {event} was deleted."
    sealed = dict(zip(SEALED_FIELDS, row[3:12], strict=True))
    if link(digest, sealed) != stored:
        return f"Record {number} (event {event}) is not what was sealed, or does not follow the one before it."
    if row[12] is not None and _personal(row) != sealed["personal_digest"]:
        return f"Record {number} (event {event}): who did it was changed."
    return ""


def _personal(row: tuple[Any, ...]) -> str:
    return personal_digest(row[12], dict(zip(PERSONAL, row[13:18], strict=True)))

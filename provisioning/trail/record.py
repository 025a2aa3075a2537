"""Writing into the trail."""

import json
import secrets
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from provisioning.domain.identity import Caller
from provisioning.trail.digests import personal_digest

# 128 bits: an erased name cannot be found again by hashing all names.
SALT_BYTES = 16
# The columns' lengths: an event that does not fit would take down what it tells.
LONGEST = {"actor": 254, "on_behalf_of": 254, "client": 100, "address": 64, "agent": 300}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, for whom, through which token, from where. The fields are the personal part of an event."""

    actor: str = "portal"
    on_behalf_of: str = ""
    client: str = ""
    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """What an event tells beside who did it. `source` is how the caller was known, where that is not what the event is of."""

    action: str
    target_kind: str = ""
    target: str = ""
    result: str = "done"
    data: Mapping[str, Any] | None = None
    source: str = ""


# Who is served now: set per call by the middleware and by whoever authenticates. A worker acts as the portal itself.
PORTAL = Actor()
_actor: ContextVar[Actor] = ContextVar("actor", default=PORTAL)
_source: ContextVar[str] = ContextVar("source", default="system")


def begin(address: str, agent: str) -> None:
    """A call came in from somewhere; nobody has said yet who it is."""
    _actor.set(_cut(Actor(actor="", address=address, agent=agent)))
    _source.set("web")


def known(caller: Caller) -> None:
    """Who the call is from. What is recorded from here on in the same call carries it."""
    here = _actor.get()
    _actor.set(_cut(replace(here, actor=caller.name, client=caller.client)))
    _source.set(caller.source.value)


def end() -> None:
    # A thread serves the next caller, who must not be taken for this one.
    _actor.set(PORTAL)
    _source.set("system")


# What writes an event, for a statement that does more: one event for each row of `source`. The clock is Postgres's: hosts'
# clocks differ.
EVENT = """
    trail_event AS (
        INSERT INTO provisioning_trailevent
            (at, action, target_kind, target, source, result, data, personal_digest)
        SELECT clock_timestamp(), %(action)s, %(target_kind)s, %(target)s, %(source)s, %(result)s,
                %(data)s::jsonb, %(digest)s {source}
        RETURNING id
    ), trail_personal AS (
        INSERT INTO provisioning_trailpersonal
            (event_id, salt, actor, on_behalf_of, client, address, agent)
        SELECT id, %(salt)s, %(actor)s, %(on_behalf_of)s, %(client)s, %(address)s, %(agent)s FROM trail_event
    ), trail_unsealed AS (
        INSERT INTO provisioning_trailunsealed (event_id) SELECT id FROM trail_event
    )
"""
RECORD = f"WITH {EVENT.format(source='')} SELECT 1"


def acting() -> str:
    """The name of whoever called; of the portal, where nobody did."""
    return _actor.get().actor


def record(entry: TrailEntry, **about: str) -> None:
    """Written in the caller's transaction: it is there exactly if what it tells is. `about` replaces fields of the
    actor, such as `on_behalf_of`. Waits for no other writer."""
    with connection.cursor() as cursor:
        cursor.execute(RECORD, values_of(entry, **about))


def values_of(entry: TrailEntry, **about: str) -> dict[str, str]:
    """For a statement that holds `EVENT`."""
    actor = _cut(replace(_actor.get(), **about))
    salt = secrets.token_hex(SALT_BYTES)
    personal = {name: getattr(actor, name) for name in LONGEST}
    return {
        "action": entry.action,
        "target_kind": entry.target_kind,
        "target": entry.target[:200],
        "source": entry.source or _source.get(),
        "result": entry.result,
        "data": json.dumps(entry.data or {}),
        "digest": personal_digest(salt, personal),
        "salt": salt,
        **personal,
    }


def _cut(actor: Actor) -> Actor:
    """Within the columns, and without NUL, which Postgres does not store."""
    cut = {name: getattr(actor, name).replace("\x00", "")[:most] for name, most in LONGEST.items()}
    return Actor(**cut)

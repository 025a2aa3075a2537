"""Chaining committed events. Apart from writing them, so that no two writers wait for each other."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from provisioning.models import TrailSeal
from provisioning.trail.digests import GENESIS, SEALED_FIELDS, link

# Whoever holds this lock is the one sealer; it is let go with the transaction.
SEALING = 0x7472_6169
AT_ONCE = 1_000

# Times and JSON as Postgres spells them, as in verify: another spelling is another digest.
UNSEALED = """
    SELECT event.id, to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
           event.action, event.target_kind, event.target, event.source, event.result, event.data::text,
           event.personal_digest
    FROM provisioning_trailunsealed JOIN provisioning_trailevent event ON event.id = event_id
    ORDER BY event.id LIMIT %s
"""
SEAL = "INSERT INTO provisioning_trailseal (number, event_id, digest) VALUES (%s, %s, %s)"
TAKE_OUT = "DELETE FROM provisioning_trailunsealed WHERE event_id = ANY(%s)"


def seal_committed() -> int:
    """Chains what is committed and not sealed, oldest first; how many. Another sealer at work: nothing, at once."""
    sealed = 0
    while batch := _seal_batch():
        sealed += batch
        if batch < AT_ONCE:
            break
    return sealed


def _seal_batch() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        # Tried, not waited for: whoever holds it seals these events, too.
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEALING])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(UNSEALED, [AT_ONCE])
        rows = cursor.fetchall()
        if rows:
            cursor.executemany(SEAL, _links(rows))
            cursor.execute(TAKE_OUT, [[row[0] for row in rows]])
        return len(rows)


def _links(rows: Sequence[tuple[Any, ...]]) -> list[tuple[int, int, str]]:
    # Under the lock: two sealers that saw the same last link would fork the chain.
    last = TrailSeal.objects.order_by("-number").first()
    number, digest = (last.number, last.digest) if last else (0, GENESIS)
    made = []
    for row in rows:
        number += 1
        digest = link(digest, dict(zip(SEALED_FIELDS, row, strict=True)))
        made.append((number, row[0], digest))
    return made

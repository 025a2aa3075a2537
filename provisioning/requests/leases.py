"""How a worker takes a request, keeps it and lets it go.

While it works it holds a Postgres advisory lock in its own session, gone the moment the session is. `lease_until`, renewed by
a thread, is the second sign, for sessions that die without a word.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection
from django.db.models import BooleanField, JSONField
from django.db.models.expressions import RawSQL

from provisioning.models import TERMINAL, ProvisionRequest
from provisioning.models.prepared import Values, execute, execute_together

# First keys of our advisory locks; the second is the row's id or the team's hash.
IN_WORK, OF_TEAM = 0x1F4A, 0x1F4B
# At the latest, by `retries.rescue_stalled`; usually when the team's next one ends.
HANDED_OVER_WITHIN = timedelta(seconds=30)

FIELDS = ProvisionRequest._meta.concrete_fields
COLUMNS = [field.column for field in FIELDS]
ATTRIBUTES = [field.attname for field in FIELDS]
JSON_FIELDS: list[tuple[int, Any]] = [
    pair for pair in enumerate(FIELDS) if isinstance(pair[1], JSONField)
]

# Claims of one team stand in line here, so that two at once cannot both be the last that fits: `TAKE` looks after this
# lock is held, and sees what the one before in the line has committed.
STAND_IN_LINE = """
SELECT pg_advisory_xact_lock(%(of_team)s, hashtext(coalesce(nullif(team, ''), requester)))
FROM provisioning_provisionrequest WHERE request_id = %(request_id)s
"""
# What was wrong in the attempt before is in the history; from here on it is no longer so.
MINE = """row.id = named.id AND (locked OR lease_until < statement_timestamp())
        AND (wake_at IS NULL OR wake_at <= statement_timestamp()) AND status <> ALL(%(ended)s)"""
TAKE = """
WITH leased AS MATERIALIZED (
    SELECT id, team, requester FROM provisioning_provisionrequest
    WHERE lease_until > statement_timestamp() AND status <> ALL(%(ended)s)
), named AS MATERIALIZED (
    SELECT id, pg_try_advisory_lock(%(in_work)s, (id %% 2147483648)::int) AS locked,
        (SELECT count(*) FROM leased WHERE leased.id <> row.id AND leased.team = row.team
            AND (row.team <> '' OR leased.requester = row.requester)) < %(team_limit)s AS has_room
    FROM provisioning_provisionrequest AS row WHERE request_id = %(request_id)s
), taken AS (
    UPDATE provisioning_provisionrequest AS row
    SET attempt = attempt + 1, lease_until = statement_timestamp() + %(lease)s,
        wake_at = NULL, error_code = ''
    FROM named WHERE {mine} AND has_room
    RETURNING {columns}
), waits AS (
    UPDATE provisioning_provisionrequest AS row
    SET wake_at = statement_timestamp() + %(handed_over_within)s, error_code = ''
    FROM named WHERE {mine} AND NOT has_room AND status = 'queued'
)
SELECT named.id, locked, taken.* FROM named LEFT JOIN taken USING (id)
""".format(mine=MINE, columns=", ".join(f"row.{column}" for column in COLUMNS))  # noqa: S608  our own columns

UNLOCK = "SELECT pg_advisory_unlock(%(in_work)s, %(key)s::int)"

HELD = RawSQL(
    "EXISTS (SELECT 1 FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
    " WHERE locktype = 'advisory' AND datname = current_database() AND classid = %s"
    " AND objid = (provisioning_provisionrequest.id %% 2147483648)::oid)",
    [IN_WORK],
    output_field=BooleanField(),
)


def claim(request_id: str, lease: timedelta, team_limit: int = 1000) -> ProvisionRequest | None:
    """The request with one attempt more, or None: finished, waiting, in the hands of a living worker, or one too many of
    its team (it then waits to be handed over). The caller must call `release` in the same session when its work ends."""
    values = {
        "request_id": request_id,
        "lease": lease,
        "team_limit": team_limit,
        "ended": list(TERMINAL),
        "of_team": OF_TEAM,
        "in_work": IN_WORK,
        "handed_over_within": HANDED_OVER_WITHIN,
    }
    pk, locked, *taken = _take(values) or (0, False, None)
    if taken[0] is not None:
        return _row(taken)
    if locked:
        _unlock(pk)
    return None


def _take(values: Values) -> tuple[Any, ...] | None:
    """Ours is the first look of a task: a session that ended since the last one is replaced, which costs less than asking
    before each task whether it lives."""
    together = (STAND_IN_LINE, values), (TAKE, values)
    try:
        return execute_together(*together)[1].fetchone()
    except OperationalError:
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return execute_together(*together)[1].fetchone()


def _row(taken: list[Any]) -> ProvisionRequest:
    for number, field in JSON_FIELDS:
        taken[number] = field.from_db_value(taken[number], None, connection)
    return ProvisionRequest.from_db(connection.alias, ATTRIBUTES, taken)


@contextmanager
def renewed(claimed: ProvisionRequest, lease: timedelta) -> Iterator[None]:
    """A renewal that fails is not an error here: a lost lease shows at the next state change."""
    stop = threading.Event()
    thread = threading.Thread(target=_renew, args=(claimed, lease, stop), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _renew(claimed: ProvisionRequest, lease: timedelta, stop: threading.Event) -> None:
    # Two renewals may fail before the lease runs out.
    while not stop.wait(lease.total_seconds() / 3):
        try:
            if not claimed.renew(lease):
                return
        except OperationalError:
            connection.close()
        finally:
            connection.close_if_unusable_or_obsolete()
    connection.close()


def release(row: ProvisionRequest) -> None:
    _unlock(row.pk)


def _unlock(pk: int) -> None:
    execute(UNLOCK, {"in_work": IN_WORK, "key": pk % 2**31})

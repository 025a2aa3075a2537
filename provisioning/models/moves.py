"""The one statement by which a worker changes a request's state: the row, its event and what others write beside them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.utils import timezone

from provisioning.domain.status import TERMINAL, WORKING
from provisioning.models.prepared import execute

# A transaction of several statements took more than half of what a state costs.
MOVE = """
WITH moved AS (
    UPDATE provisioning_provisionrequest SET {assignments}
    WHERE id = %(id)s AND attempt = %(attempt)s AND version = %(seen)s
        AND status <> ALL(%(ended)s) AND (%(to_the_end)s OR NOT cancel_requested)
    RETURNING id
), event AS (
    INSERT INTO provisioning_requestevent
        (provision_request_id, version, attempt, status, actor, detail, at)
    SELECT id, %(to_version)s, %(attempt)s, %(event_status)s, 'portal', %(detail)s, %(at)s FROM moved
){additions}
SELECT id FROM moved
"""


@dataclass(frozen=True, slots=True)
class Addition:
    """`expressions` write something for each row of `moved`, such as ", mine AS (INSERT … FROM moved)"; the names of their
    `values` are nobody else's."""

    expressions: str
    values: Mapping[str, Any]


# Whoever keeps books about states adds a function of the row as it was and of what changes.
additions: list[Callable[[Any, Mapping[str, Any]], Addition]] = []


def move(row: models.Model, changed: Mapping[str, Any], detail: str) -> bool:
    """False when the row is no longer this attempt's and version's, has ended, or is to be cancelled before its next phase."""
    about: Any = row
    columns = _columns(row, changed)
    added = [addition(row, changed) for addition in additions]
    values = {
        "id": row.pk,
        "attempt": about.attempt,
        "seen": about.version,
        "ended": list(TERMINAL),
        "to_the_end": changed["status"] not in WORKING,
        "event_status": changed["status"],
        "detail": detail,
        "at": timezone.now(),
    }
    for column, value in columns.items():
        values[f"to_{column}"] = value
    for addition in added:
        values |= addition.values
    return bool(execute(_statement(columns, added), values).rowcount)


def _statement(columns: Collection[str], added: Collection[Addition]) -> str:
    return MOVE.format(
        assignments=", ".join(f"{column} = %(to_{column})s" for column in columns),
        additions="".join(addition.expressions for addition in added),
    )


def _columns(row: models.Model, changed: Mapping[str, Any]) -> dict[str, Any]:
    """Names of columns and values as the ORM would write them."""
    columns = {}
    for name, value in changed.items():
        field: Any = row._meta.get_field(name)
        plain = value.pk if isinstance(value, models.Model) else value
        columns[field.column] = field.get_db_prep_save(plain, connection)
    return columns

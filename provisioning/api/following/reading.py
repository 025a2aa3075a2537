"""The two statements over Django's connection, for its threads."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet

from provisioning.api.following.rows import (
    HEAD,
    WHOLE,
    RequestHead,
    Whole,
    as_heads,
    as_wholes,
    heads_of,
)
from provisioning.models import ProvisionRequest


def head_of(request_id: str) -> RequestHead | None:
    with connection.cursor() as cursor:
        cursor.execute(HEAD, [request_id])
        found = as_heads(cursor.fetchall())
    return found[0] if found else None


def heads_among(chosen: QuerySet[ProvisionRequest]) -> list[RequestHead]:
    """Of a bounded query, newest first."""
    selected, values = chosen.values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(heads_of(selected), values)
        return as_heads(cursor.fetchall())


def wholes(ids: Sequence[int]) -> list[Whole]:
    """Without a statement where there is nothing to read."""
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(WHOLE, [list(ids)])
        return as_wholes(cursor.fetchall())

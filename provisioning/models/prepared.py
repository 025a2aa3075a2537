"""Constant statements of the worker's innermost loop: planned once per session, their values bound by Postgres.

Of the 10 ms of processor time that a claim and three states cost a worker, 7 went into building SQL that is the same each
time, and Postgres planned all of it anew. Everything else keeps to the ORM.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import connection

Cursor = psycopg.Cursor[tuple[Any, ...]]
Values = Mapping[str, Any]


def execute(statement: str, values: Values) -> Cursor:
    """In Django's session and its transaction, with Django's errors. Values that depend on the call are no part of the
    text: each text stays planned for as long as the session lives."""
    with connection.wrap_database_errors:
        return _cursor().execute(statement, values, prepare=True)


def execute_together(*statements: tuple[str, Values]) -> list[Cursor]:
    """One after the other, each with a look of its own, all in one round trip and one transaction (psycopg's pipeline)."""
    cursors = [_cursor() for _ in statements]
    with connection.wrap_database_errors, connection.connection.pipeline():
        for cursor, (statement, values) in zip(cursors, statements, strict=True):
            cursor.execute(statement, values, prepare=True)
    return cursors


def _cursor() -> Cursor:
    """Django's own cursors bind on the client's side, where nothing can be prepared."""
    connection.ensure_connection()
    session = connection.connection
    if session.prepare_threshold is None:
        session.prepare_threshold = 1
    return psycopg.Cursor(session)

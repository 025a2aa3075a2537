"""The tables emptied after a test with transactions of its own."""

from functools import cache

from django.db import connection, transaction
from django.test import TransactionTestCase

WRITTEN_BY_MIGRATE = {"django_content_type", "auth_permission"}


def without_truncation() -> None:
    """In place of Django's flush, which makes new files for each table and writes permissions again: a hundred times slower
    on tables with few rows."""
    TransactionTestCase._fixture_teardown = lambda _: _delete_all()  # type: ignore[attr-defined]


def _delete_all() -> None:
    with (
        transaction.atomic(),
        connection.cursor() as cursor,
    ):  # foreign keys are looked at when it commits
        # The trail refuses to be emptied by anybody who does not say so and own it.
        cursor.execute("SET LOCAL infrallm.retention = 'on'")
        cursor.execute(
            "; ".join(f"DELETE FROM {connection.ops.quote_name(table)}" for table in _tables())
        )


@cache
def _tables() -> list[str]:
    return sorted(
        set(connection.introspection.django_table_names(only_existing=True)) - WRITTEN_BY_MIGRATE
    )

"""The one clock that all machines share."""

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """Postgres's, also inside a transaction that began a while ago: instants of several machines are put in order by it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment

"""Whether Postgres allows as many connections as the settings may come to, said before it refuses one."""

from django.conf import settings
from django.db import connection

# The worker's pusher, monitor, clock and sentinel, and the claimer's session that holds its locks.
WORKER_OVERHEAD = 5
# Of the event loop of each web process (provisioning/api/lane), which waits for many answers at once.
LANE = 3
# pg_settings has no row for `reserved_connections` before Postgres 16.
ALLOWED = """
SELECT sum(CASE name WHEN 'max_connections' THEN setting::int ELSE -setting::int END)
FROM pg_settings
WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')
"""


def web_connections() -> int:
    """At most; each thread of each process keeps one, and its event loop has a few of its own."""
    portal = settings.PORTAL
    return int(portal.web_processes * (portal.web_threads + LANE))


def worker_connections() -> int:
    """Of one `manage.py worker`."""
    places: dict[str, int] = settings.Q_CLUSTER["lanes"]
    return sum(places.values()) + WORKER_OVERHEAD


def allowed_connections() -> int:
    """How many Postgres gives to users without special rights."""
    with connection.cursor() as cursor:
        cursor.execute(ALLOWED)
        found: int = cursor.fetchone()[0]
        return found


def shortage() -> str:
    """Why the settings do not fit this Postgres and what to do; "" where they do."""
    web, worker, allowed = web_connections(), worker_connections(), allowed_connections()
    if web + worker <= allowed:
        return ""
    portal = settings.PORTAL
    return (
        f"WEB_PROCESSES={portal.web_processes} and WEB_THREADS={portal.web_threads} come to {web} connections, and a worker "
        f"with WORKERS={portal.workers} to {worker}, but Postgres allows {allowed} (max_connections without the reserved "
        "ones). Lower WEB_PROCESSES or WEB_THREADS, or raise max_connections."
    )

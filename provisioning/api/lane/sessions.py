"""The lane's own few sessions of Postgres: an event loop waits for many answers at once, so that few are enough."""

from typing import Any

from django.conf import settings
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from provisioning.operations.connections import LANE

WAIT_SECONDS = 1.0


class Sessions:
    """Opened by the first call, in the loop that serves it."""

    def __init__(self) -> None:
        self._pool: AsyncConnectionPool[AsyncConnection[Any]] | None = None

    async def pool(self) -> AsyncConnectionPool[AsyncConnection[Any]]:
        if self._pool is None:
            self._pool = AsyncConnectionPool(
                kwargs=_parameters(),
                min_size=1,
                max_size=LANE,
                timeout=WAIT_SECONDS,
                open=False,
            )
            await self._pool.open()
        return self._pool


def _parameters() -> dict[str, Any]:
    """Those of Django's connection. Each statement stands for itself, and is prepared at once."""
    database = settings.DATABASES["default"]
    named = {
        "dbname": database["NAME"],
        "user": database["USER"],
        "password": database["PASSWORD"],
        "host": database["HOST"],
        "port": database["PORT"],
    }
    given = {name: value for name, value in named.items() if value}
    # UTC as for Django's own connections, or times would differ from the site's answers.
    own = {"autocommit": True, "prepare_threshold": 0, "options": "-c timezone=UTC"}
    return {**database["OPTIONS"], **given, **own}

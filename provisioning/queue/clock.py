"""Functions that run every few seconds, in one process of all workers: in the one that holds Postgres's advisory lock.

django-q2 looks at its schedules twice a minute, which stays right for what is due each minute, hour or day; its own
function is one of ours. `Q_CLUSTER["every"]` names the functions by their paths, and `["at_first"]` those that run once in
each session: a new one means that there was an outage, of Postgres or of the workers. Each has to be short: they share one
process, in which nothing else is served. When the process dies, Postgres frees the lock, and another worker goes on.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence

from django.db import Error, connection
from django.utils.module_loading import import_string

from provisioning.queue.channels import Heartbeat, SharedEvent, wait

CLOCK = 0x51C5  # the advisory lock's two keys
CANDIDATE_SECONDS = 1.0

logger = logging.getLogger(__name__)


def run_clock(
    every: Mapping[str, float], at_first: Sequence[str], stop: SharedEvent, beat: Heartbeat
) -> None:
    functions = {import_string(path): seconds for path, seconds in every.items()}
    due = dict.fromkeys(functions, time.monotonic())
    leading_session: object = None
    while not stop.is_set():
        beat.now()
        if connection.connection is None or connection.connection is not leading_session:
            leading_session = _elected()
            for path in at_first if leading_session else ():
                _run(import_string(path))
        if leading_session is None:
            wait([stop], CANDIDATE_SECONDS)
            continue
        for function, instant in due.items():
            if instant <= time.monotonic():
                _run(function)
                due[function] = time.monotonic() + functions[function]
        wait([stop], min(max(0.0, min(due.values()) - time.monotonic()), CANDIDATE_SECONDS))


def _elected() -> object:
    """Django's database session, if it holds the lock: another session is another candidate."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, 0)", [CLOCK])
            return connection.connection if cursor.fetchone()[0] else None
    except Error:
        connection.close()
        return None


def _run(function: Callable[[], object]) -> None:
    try:
        function()
    except Error as error:
        logger.warning("%s has to wait: %s", function.__name__, str(error).strip().splitlines()[0])
        connection.close()
    except (
        Exception
    ):  # as in django-q2's worker: a mistake in one function must not stop the others
        logger.exception("%s failed", function.__name__)

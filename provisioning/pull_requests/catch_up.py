"""After an outage every pull request is looked at, because GitHub does not send a lost webhook again by itself.

Three see one: a web process that had to refuse a delivery, a web process that starts (nobody took deliveries before), and
the worker's clock, which gets a new session of Postgres.
"""

import logging
from threading import Lock, Thread, Timer

from django.db import InterfaceError, OperationalError, connection
from django.db.models.functions import Now

from provisioning.pull_requests.sync import for_current_repository

# Postgres is usually back within seconds, and the web process has nothing else to learn it from.
TRY_SECONDS = 2.0

logger = logging.getLogger(__name__)
_waiting = Lock()


def after_outage() -> None:
    """Returns at once; one thread per process waits until Postgres answers. A second call meanwhile changes nothing."""
    if _waiting.acquire(blocking=False):
        Thread(target=_try, name="catch-up", daemon=True).start()


def at_start() -> None:
    """The first try is made at once, by the caller; what `after_outage` says holds for the others."""
    if _waiting.acquire(blocking=False):
        _try()


def look_at_all() -> int:
    """Makes a look due for each pull request that is still looked at: `reconcile` then puts them in the queue."""
    due = for_current_repository().exclude(look_at=None).update(look_at=Now())
    logger.info("Webhooks may have been lost: %s pull requests are looked at", due)
    return due


def _try() -> None:
    try:
        look_at_all()
    except (OperationalError, InterfaceError):
        again = Timer(TRY_SECONDS, _try)
        again.daemon = True
        again.start()
        return
    finally:
        connection.close()
    _waiting.release()

"""After an outage of Postgres: every pull request is looked at, because GitHub sends a lost webhook not again by itself."""

import logging
from threading import Lock, Thread, Timer

from django.db import InterfaceError, OperationalError, connection
from django.db.models.functions import Now

from provisioning.pull_requests.sync import for_current_repository

TRY_SECONDS = 2.0

logger = logging.getLogger(__name__)
_waiting = Lock()


def after_outage() -> None:
    """Returns at once; one thread per process waits until Postgres answers. A second call meanwhile changes nothing."""
    if _waiting.acquire(blocking=False):
        Thread(target=_try, name="catch-up", daemon=True).start()


def look_at_all() -> int:
    """Makes a look due for each pull request that is still looked at: `reconcile` then puts them in the queue."""
    return for_current_repository().exclude(look_at=None).update(look_at=Now())


def _try() -> None:
    try:
        logger.warning("After the outage, %s pull requests are looked at", look_at_all())
    except (OperationalError, InterfaceError):
        again = Timer(TRY_SECONDS, _try)
        again.daemon = True
        again.start()
        return
    finally:
        connection.close()
    _waiting.release()

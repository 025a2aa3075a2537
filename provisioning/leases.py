"""Renews a request's lease while its worker lives, from a thread with a database session of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import OperationalError, connection

from provisioning.models import ProvisionRequest


@contextmanager
def renewed(claimed: ProvisionRequest, lease: timedelta) -> Iterator[None]:
    """A renewal that fails is not an error here: a lost lease shows at the next state change."""
    stop = threading.Event()
    thread = threading.Thread(target=_renew, args=(claimed, lease, stop), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _renew(claimed: ProvisionRequest, lease: timedelta, stop: threading.Event) -> None:
    while not stop.wait(lease.total_seconds() / 3):
        try:
            if not claimed.renew(lease):
                return
        except OperationalError:
            connection.close()
        finally:
            connection.close_if_unusable_or_obsolete()
    connection.close()

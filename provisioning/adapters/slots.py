"""At most so many at once, across threads and processes of one machine. A lock ends with its process, however that ends."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from provisioning.errors import UpstreamUnavailableError

# A check takes seconds, so this is no wait that anybody notices; locks of files cannot be waited for with a limit.
RETRY_SECONDS = 0.05


@contextmanager
def slot(folder: Path, count: int, seconds: float) -> Iterator[None]:
    """Holds one of `count` lock files of the folder. Raises `UpstreamUnavailableError` when none got free in time."""
    folder.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + seconds
    while (held := _take(folder, count)) is None:
        if time.monotonic() > deadline:
            raise UpstreamUnavailableError(
                f"All {count} Terraform checks of this machine are busy. Try again in a moment.",
                seconds,
            )
        time.sleep(RETRY_SECONDS)
    with held:
        yield


def _take(folder: Path, count: int) -> IO[bytes] | None:
    for number in range(count):
        # Opened to append: the file may be another process's, and opening it must change nothing.
        file = (folder / f"slot-{number}").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            return file
    return None

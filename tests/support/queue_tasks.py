"""Tasks for tests of the queue. What they did stands in a file, one line for each thing, in the order in which it was done."""

import os
import threading
import time
from contextlib import suppress
from pathlib import Path


def note(log: str, word: str) -> None:
    """One write below PIPE_BUF in append mode: lines of several processes do not mix."""
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{word}\n".encode())
    os.close(descriptor)


def hold(log: str, word: str) -> None:
    """Runs until the file `<log>.go` is there."""
    note(log, f"{word} began {os.getpid()}")
    while not Path(f"{log}.go").exists():
        time.sleep(0.01)
    note(log, f"{word} ended")


def fail(log: str, word: str) -> None:
    note(log, word)
    raise RuntimeError(word)


def return_a_lock(log: str, word: str) -> object:
    note(log, word)
    return threading.Lock()


def swallow_everything(log: str, word: str) -> None:
    """Deaf to django-q2's time limit, which is an exception."""
    note(log, word)
    while True:
        with suppress(BaseException):
            time.sleep(60)

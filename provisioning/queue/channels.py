"""How the worker's processes talk: kernel objects only, so that a process killed at any instant leaves nothing locked.

`multiprocessing.Queue`, `Event` and `Value` guard themselves with semaphores, which a killed process takes to its grave:
the others then wait for ever. A datagram, a pipe write below PIPE_BUF and an aligned eight-byte store need no guard.
"""

import ctypes
import math
import mmap
import os
import pickle
import select
import socket
import struct
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

LARGEST_MESSAGE = 200_000
IDLE = -1.0
BEAT_SECONDS = 2.0  # an idle worker wakes up that often, to show that it would take a task

Waitable = Any  # what `select` takes: a descriptor, or an object with `fileno()`


class SharedEvent:
    """Raised once, by one process, for all that were forked after it was made."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()

    def set(self) -> None:
        os.write(self._write, b"!")

    def is_set(self) -> bool:
        return bool(wait([self], 0))

    def fileno(self) -> int:
        return self._read


class MessageQueue:
    """A queue of pickled messages; each is read by exactly one reader, whole."""

    def __init__(self) -> None:
        self._reader, self._writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._writer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * LARGEST_MESSAGE)
        self.closing = SharedEvent()

    def put(self, message: Any) -> None:
        self._writer.send(pickle.dumps(message))

    def get(self, waiting: Callable[[], None] = lambda: None) -> Any:
        """The next message; "STOP", which is django-q2's word, once the box is closing and empty. Calls `waiting` every few
        seconds meanwhile."""
        while True:
            waiting()
            wait([self._reader, self.closing], BEAT_SECONDS)
            try:
                return pickle.loads(self._reader.recv(LARGEST_MESSAGE, socket.MSG_DONTWAIT))  # noqa: S301 - our own child's
            except BlockingIOError:
                if self.closing.is_set():
                    return "STOP"


class IntPipe:
    """Numbers sent by many processes and read by one."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)

    def put(self, number: int) -> None:
        os.write(self._write, struct.pack("q", number))

    def take_all(self) -> list[int]:
        try:
            return [number for (number,) in struct.iter_unpack("q", os.read(self._read, 4096))]
        except BlockingIOError:
            return []

    def fileno(self) -> int:
        return self._read


class Heartbeat:
    """The instant of a process's last sign of life, for the process that watches over it."""

    def __init__(self) -> None:
        self._instant = ctypes.c_double.from_buffer(mmap.mmap(-1, 8))
        self.now()

    def now(self) -> None:
        self._instant.value = time.monotonic()

    def age(self) -> float:
        return time.monotonic() - self._instant.value


class WorkerSlot:
    """One worker's place: django-q2's worker takes it for its task queue, its result queue and its timer at once."""

    def __init__(self, tasks: MessageQueue, results: MessageQueue, finished: IntPipe) -> None:
        self._tasks, self._results, self._finished = tasks, results, finished
        shared = mmap.mmap(-1, 16)
        self._task = ctypes.c_int64.from_buffer(shared)
        self._deadline = ctypes.c_double.from_buffer(shared, 8)
        self._deadline.value = IDLE
        self._beat = Heartbeat()

    @property
    def idle_silence(self) -> float:
        """Seconds since an idle worker's last sign of life; 0 for a busy one, which its time limit watches."""
        return 0.0 if self.task else self._beat.age()

    @property
    def task(self) -> int:
        """The queue's number of the running task, or 0."""
        return self._task.value

    def get(self) -> Any:
        task = self._tasks.get(self._beat.now)
        if task != "STOP":
            self._task.value = task["ack_id"]
        return task

    def put(self, task: dict[str, Any]) -> None:
        try:
            self._results.put(task)
        except (pickle.PicklingError, TypeError, AttributeError, OSError) as error:
            sentence = f"The task ended, but its result cannot be handed on: {error}"
            self._results.put({**task, "result": sentence, "success": False})
        self._beat.now()
        self._task.value = 0
        self._finished.put(task["ack_id"])

    @property
    def value(self) -> float:
        """django-q2's timer: -1 idle, -2 recycled, 0 timed out, else the seconds that are left."""
        stored = self._deadline.value
        return stored if stored <= 0 else max(stored - time.monotonic(), math.ulp(0))

    @value.setter
    def value(self, seconds: float) -> None:
        self._deadline.value = seconds if seconds <= 0 else time.monotonic() + seconds

    @property
    def overdue(self) -> bool:
        return 0 < self._deadline.value < time.monotonic()

    def get_lock(self) -> AbstractContextManager[None]:
        return nullcontext()


def wait(readable: Iterable[Waitable], seconds: float | None = None) -> list[Waitable]:
    return select.select(list(readable), [], [], seconds)[0]

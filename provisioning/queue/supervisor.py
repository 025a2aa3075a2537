"""Starts a worker again after an unexpected death, where nobody outside does: one machine, `make run`.

The successor starts as soon as the dying one takes no more tasks, not when its last task has ended.
"""

import logging
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import ForkProcess

from provisioning.queue.channels import SharedEvent
from provisioning.queue.sentinel import Sentinel, WorkerPlan, start

SHORT_LIFE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 2.0

logger = logging.getLogger(__name__)


def supervise(plan: WorkerPlan) -> int:
    """Until SIGTERM or SIGINT; the exit code is 0."""
    stop = SharedEvent()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    leaving: list[ForkProcess] = []
    pause = 0.0
    while not stop.is_set():
        born = time.monotonic()
        child, left = _start(plan)
        wait_for([stop.fileno(), left.fileno(), child.sentinel])
        leaving = [*(old for old in leaving if old.is_alive()), child]
        if not stop.is_set():
            pause = _pause(pause, time.monotonic() - born)
            logger.warning("The worker died and is started again in %.1f s", pause)
            wait_for([stop.fileno()], pause)
    for child in leaving:
        child.terminate()
    for child in leaving:
        _end(child)
    return 0


def _pause(last: float, lived: float) -> float:
    """Longer after each short life, none after a long one."""
    return min(2 * last + 0.25, LONGEST_PAUSE_SECONDS) if lived < SHORT_LIFE_SECONDS else 0.0


def _start(plan: WorkerPlan) -> tuple[ForkProcess, SharedEvent]:
    left = SharedEvent()
    return start("sentinel", run, plan, left.set), left


def _end(child: ForkProcess) -> None:
    """Asks again while it lives: a signal may have come before the child listened."""
    while child.is_alive():
        child.terminate()
        child.join(1)


def run(plan: WorkerPlan, leaving: Callable[[], None]) -> None:
    raise SystemExit(Sentinel(plan, leaving).run())

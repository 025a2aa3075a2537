"""Starts a worker again after an unexpected death, where nobody outside does: one machine, `make run`.

The successor starts as soon as the dying one takes no more tasks, not when its last task has ended.
"""

import logging
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import ForkProcess

from provisioning.queue.channels import Heartbeat, SharedEvent
from provisioning.queue.sentinel import (
    TICK_SECONDS,
    Sentinel,
    WorkerPlan,
    on_stop,
    start,
)

SHORT_LIFE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 2.0
ENDING_SECONDS = 10.0  # beside what the plan gives to running tasks

logger = logging.getLogger(__name__)


def supervise(plan: WorkerPlan) -> int:
    """Until one of `STOP_SIGNALS`; the exit code is 0."""
    stop = SharedEvent()
    on_stop(stop.set)
    leaving: list[ForkProcess] = []
    pause = 0.0
    while not stop.is_set():
        born = time.monotonic()
        child, left, beat = _start(plan)
        _watch(child, beat, plan.hung_after, [stop, left])
        leaving = [*(old for old in leaving if old.is_alive()), child]
        if not stop.is_set():
            pause = _pause(pause, time.monotonic() - born)
            logger.warning("The worker died and is started again in %.1f s", pause)
            wait_for([stop.fileno()], pause)
    for child in leaving:
        child.terminate()
    deadline = time.monotonic() + plan.stop_within + ENDING_SECONDS
    for child in leaving:
        _end(child, deadline)
    return 0


def _watch(
    child: ForkProcess, beat: Heartbeat, hung_after: float, ends: Iterable[SharedEvent]
) -> None:
    """Until it is to stop, leaves, dies or hangs. One that hangs is killed, and its children die with it."""
    reasons = [*(end.fileno() for end in ends), child.sentinel]
    while not wait_for(reasons, TICK_SECONDS):
        if beat.age() > hung_after:
            logger.error("sentinel %s gives no sign of life and is killed", child.pid)
            child.kill()
            child.join()


def _pause(last: float, lived: float) -> float:
    """Longer after each short life, none after a long one."""
    return min(2 * last + 0.25, LONGEST_PAUSE_SECONDS) if lived < SHORT_LIFE_SECONDS else 0.0


def _start(plan: WorkerPlan) -> tuple[ForkProcess, SharedEvent, Heartbeat]:
    left, beat = SharedEvent(), Heartbeat()
    return start("sentinel", run, plan, left.set, beat.now), left, beat


def _end(child: ForkProcess, deadline: float) -> None:
    """Asks again while it lives: a signal may have come before the child listened. One that hangs is killed in the end."""
    while child.is_alive():
        child.terminate()
        child.join(1)
        if time.monotonic() > deadline:
            child.kill()


def run(plan: WorkerPlan, leaving: Callable[[], None], living: Callable[[], None]) -> None:
    raise SystemExit(Sentinel(plan, leaving, living).run())

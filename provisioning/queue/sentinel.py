"""The worker's process tree: django-q2's own pusher, worker and monitor functions, watched strictly.

django-q2's sentinel replaces a child that died and goes on with whatever the dead one left half done. This one trusts
nothing after an unexpected death: it takes no more tasks, gives the dead one's task back, lets the others finish and
ends with `DIED`, so that a supervisor starts afresh. A worker that django-q2 itself retires (recycled, or timed out) is
replaced as usual. Every child dies with its parent, so that a kill of any of them leaves no orphan.
"""

import ctypes
import gc
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from django.db import connections
from django_q.conf import Conf
from django_q.monitor import monitor
from django_q.pusher import pusher
from django_q.worker import worker

from provisioning.queue.broker import PostgresBroker
from provisioning.queue.channels import Heartbeat, IntPipe, MessageQueue, SharedEvent, WorkerSlot
from provisioning.queue.claimer import TaskClaimer, new_owner
from provisioning.queue.claims import return_tasks
from provisioning.queue.clock import run_clock

DIED = 70  # EX_SOFTWARE of sysexits.h
TICK_SECONDS = 1.0
RETIRED = (
    0.0,
    -2.0,
)  # django-q2's timer of a worker that timed out, or that has done its number of tasks
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15  # linux/prctl.h

logger = logging.getLogger(__name__)
fork = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class WorkerPlan:
    """What a worker process is to be: `places` per lane, paths of functions that the clock runs `at_first` in each session
    of Postgres, and of others with their `every` in seconds.
    `hung_after` are the seconds without a sign of life after which a process counts as dead."""

    places: dict[str, int]
    every: dict[str, float]
    at_first: Sequence[str] = ()
    stop_within: float = 25.0
    hung_after: float = 30.0
    liveness_file: Path | None = None


class Sentinel:
    """`leaving` is called when it takes no more tasks, `living` about once a second before that."""

    def __init__(
        self,
        plan: WorkerPlan,
        leaving: Callable[[], None] = lambda: None,
        living: Callable[[], None] = lambda: None,
    ) -> None:
        self.living = living
        self.plan, self.leaving, self.owner = plan, leaving, new_owner()
        self.tasks, self.results, self.finished = MessageQueue(), MessageQueue(), IntPipe()
        self.stop_intake, self.stop_asked = SharedEvent(), SharedEvent()
        self.beats = {"pusher": Heartbeat(), "clock": Heartbeat()}
        self.desks: dict[ForkProcess, WorkerSlot] = {}
        self.frozen: dict[ForkProcess, float] = {}
        self.others: dict[str, ForkProcess] = {}

    def run(self) -> int:
        """The exit code: 0 after a wanted stop."""
        on_stop(self.stop_asked.set)
        connections.close_all()
        gc.freeze()  # pages that are never collected stay shared with the children
        for _ in range(sum(self.plan.places.values())):
            self._start_worker()
        self.others = {
            "monitor": start("monitor", self._acknowledge),
            "pusher": start("pusher", self._push),
            "clock": start("clock", self._keep_time),
        }
        died = self._watch()
        self._finish(died)
        return DIED if died else 0

    def _push(self) -> None:
        broker = PostgresBroker()
        broker.intake = TaskClaimer(
            self.owner, self.plan.places, self.finished, self.stop_intake, self.beats["pusher"]
        )
        pusher(self.tasks, self.stop_intake, broker)

    def _keep_time(self) -> None:
        run_clock(self.plan.every, self.plan.at_first, self.stop_intake, self.beats["clock"])

    def _acknowledge(self) -> None:
        monitor(self.results, PostgresBroker())

    def _start_worker(self) -> None:
        desk = WorkerSlot(self.tasks, self.results, self.finished)
        self.desks[start("worker", worker, desk, desk, desk, Conf.TIMEOUT)] = desk

    def _watch(self) -> bool:
        """Until a stop is asked for, or a child died or hangs."""
        while True:
            children = [*self.desks, *self.others.values()]
            wait_for(
                [self.stop_asked.fileno(), *(child.sentinel for child in children)], TICK_SECONDS
            )
            if self.stop_asked.is_set():
                return False
            if any(self._died(child) for child in children) or self._is_stuck():
                return True
            self._show_life()

    def _died(self, child: ForkProcess) -> bool:
        desk = self.desks.get(child)
        if desk and desk.overdue:
            logger.error("Worker %s did not end at its time limit and is killed", child.pid)
            child.kill()
            child.join()
        if child.is_alive():
            return False
        if desk and child.exitcode == 0 and desk.value in RETIRED:
            del self.desks[child]
            self._start_worker()
            return False
        logger.error("%s %s died unexpectedly (%s)", child.name, child.pid, child.exitcode)
        return True

    def _is_stuck(self) -> bool:
        """A child that hangs is as good as dead."""
        silent = [name for name, beat in self.beats.items() if beat.age() > self.plan.hung_after]
        hung = [self.others[name] for name in silent]
        hung += [
            child for child, desk in self.desks.items() if desk.idle_silence > self.plan.hung_after
        ]
        hung += [child for child in self._stopped() if child not in hung]
        for child in hung:
            logger.error("%s %s gives no sign of life", child.name, child.pid)
        return bool(hung)

    def _stopped(self) -> list[ForkProcess]:
        """Children that somebody has stopped (SIGSTOP) and not let go on for a while, also in the middle of a task."""
        now = time.monotonic()
        children = [*self.desks, *self.others.values()]
        stopped = [child for child in children if is_stopped(child.pid)]
        self.frozen = {child: self.frozen.get(child, now) for child in stopped}
        return [child for child in stopped if now - self.frozen[child] > self.plan.hung_after]

    def _show_life(self) -> None:
        self.living()
        if self.plan.liveness_file:
            self.plan.liveness_file.touch()

    def _finish(self, died: bool) -> None:
        """Ends the children in the direction in which tasks flow, within the bound; then nothing of ours stays claimed."""
        deadline = time.monotonic() + self.plan.stop_within
        self.leaving()
        self.stop_intake.set()
        end([self.others["pusher"], self.others["clock"]], min(deadline, time.monotonic() + 3))
        if died:
            return_tasks(
                self.owner, {desk.task for child, desk in self.desks.items() if child.is_alive()}
            )
        self.tasks.closing.set()
        end(self.desks, deadline)
        self.results.closing.set()
        end([self.others["monitor"]], max(deadline, time.monotonic() + 3))
        return_tasks(self.owner)
        if self.plan.liveness_file:
            self.plan.liveness_file.unlink(missing_ok=True)


def start(name: str, target: Callable[..., object], *arguments: Any) -> ForkProcess:
    process = fork.Process(target=_child, args=(os.getpid(), name, target, *arguments), name=name)
    process.start()
    return process


def _child(parent: int, name: str, target: Callable[..., object], *arguments: Any) -> None:
    for number in STOP_SIGNALS:  # one to the whole group is the sentinel's to answer
        signal.signal(number, signal.SIG_IGN)
    die_with(parent)
    set_name(name)
    os.environ["PGAPPNAME"] = f"queue-{name} {os.getpid()}"  # in pg_stat_activity
    target(*arguments)


def on_stop(asked: Callable[[], None]) -> None:
    """Calls `asked` for each signal that means a wanted stop. A terminal that closes sends SIGHUP, which nohup(1) has us
    ignore."""
    for number in STOP_SIGNALS:
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: asked())


def end(children: Iterable[ForkProcess], deadline: float) -> None:
    """Waits for the children until the deadline, then kills what is left."""
    children = list(children)
    for child in children:
        child.join(max(0.0, deadline - time.monotonic()))
    for child in children:
        if child.is_alive():
            logger.warning("%s %s is killed: it did not end in time", child.name, child.pid)
            child.kill()
            child.join()


def die_with(parent: int) -> None:
    """SIGKILL when the parent dies. Linux only; elsewhere a killed parent leaves its children to whoever killed it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(DIED)


def is_stopped(pid: int | None) -> bool:
    """By SIGSTOP or a debugger, as far as the system tells; see proc_pid_stat(5)."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] in {"T", "t"}


def set_name(name: str) -> None:
    """What `ps -o comm` shows."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_NAME, f"queue-{name}".encode())

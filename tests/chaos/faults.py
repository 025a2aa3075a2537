"""What may go wrong, and where. A strike gives the instant from which on the request could have gone on."""

import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django_q.tasks import async_task

from provisioning import wiring
from provisioning.models import ProvisionRequest
from tests.chaos import outside
from tests.chaos.database import Database, again
from tests.chaos.outside import Outside, down
from tests.chaos.workers import KeptWorker

OUTAGE_SECONDS = 3.0
HOUR = 3600.0


class World:
    def __init__(self, folder: Path, database: Database, outside: Outside) -> None:
        self.folder, self.database, self.outside = folder, database, outside
        self.worker: KeptWorker

    @contextmanager
    def working(self, variables: Mapping[str, str]) -> Iterator[KeptWorker]:
        """With a worker that has these environment variables; without GitHub's it uses the embedded Git."""
        self.in_git = "GITHUB_REPO" not in variables
        self.worker = KeptWorker(variables, self.folder / "worker.log")
        try:
            yield self.worker
        finally:
            self.worker.stop()

    def traces(self, request_id: str) -> tuple[int, int]:
        """How many pull requests and branches there are for the request."""
        if not self.in_git:
            return self.outside.traces(request_id)
        repository = wiring.local_repository()
        pulls = [pull for pull in repository.pull_requests() if pull.request_id == request_id]
        return len(pulls), len({pull.branch for pull in pulls})


Strike = Callable[[World, ProvisionRequest | None], float]


@dataclass(frozen=True)
class Fault:
    """`at` is the checkpoint where the request is held meanwhile: "" strikes an idle portal, just before the request comes.
    While a lasting fault lasts, the request may go on."""

    name: str
    kind: str
    strike: Strike
    at: str = ""

    @property
    def lasting(self) -> bool:
        return self.kind in {"disk", "clock", "outside"}

    @property
    def label(self) -> str:
        return f"{self.name}, {self.at or 'idle'}"


def busy_worker(world: World, row: ProvisionRequest | None) -> float:
    assert row is not None
    pid = world.database.busy_pid(row.pk)
    return _now(lambda: os.kill(pid, signal.SIGKILL))


def worker_in_git(world: World, row: ProvisionRequest | None) -> float:
    """Somewhere on the way from the branch to the pull request."""
    assert row is not None
    pid = world.database.busy_pid(row.pk)
    let_go(world)
    again(lambda: ProvisionRequest.objects.exclude(version=row.version).filter(pk=row.pk).exists())
    row.refresh_from_db()
    time.sleep(random.uniform(0, 0.15))
    return _now(lambda: os.kill(pid, signal.SIGKILL))


def child(role: str) -> Strike:
    return lambda world, row: _now(lambda: world.worker.kill(role))


def frozen(role: str) -> Strike:
    return lambda world, row: _now(lambda: world.worker.freeze(role))


def main_process(world: World, row: ProvisionRequest | None) -> float:
    return _now(world.worker.kill_main)


def tree(world: World, row: ProvisionRequest | None) -> float:
    return _now(lambda: world.worker.signal_group(signal.SIGKILL))


def group_stop(world: World, row: ProvisionRequest | None) -> float:
    """What runs may end; it then must not begin again elsewhere. A clean end has the exit code 0."""
    before = len(world.worker.exit_codes)
    started = _now(lambda: world.worker.signal_group(signal.SIGTERM))
    let_go(world)
    again(lambda: len(world.worker.exit_codes) > before)
    if world.worker.exit_codes[before] != 0:
        world.worker.troubles.append(
            f"exit code {world.worker.exit_codes[before]} after SIGTERM to the group"
        )
    return started


def postgres(name: str) -> Strike:
    def strike(world: World, row: ProvisionRequest | None) -> float:
        action: Callable[[], None] = getattr(world.database, name)
        action()
        return time.monotonic()

    return strike


def postgres_stopped(world: World, row: ProvisionRequest | None) -> float:
    world.database.restart(pause=OUTAGE_SECONDS)
    return time.monotonic()


def full(table: str) -> Strike:
    def strike(world: World, row: ProvisionRequest | None) -> float:
        with world.database.full(table):
            again(
                lambda: async_task(
                    "tests.support.queue_tasks.fail", str(world.folder / "failed"), "failed"
                )
            )
            let_go(world)
            time.sleep(OUTAGE_SECONDS)
        return time.monotonic()

    return strike


def clock(forward: float) -> Strike:
    """The clock is set while the request is worked on; the rescuers get the time to fall for it."""

    def strike(world: World, row: ProvisionRequest | None) -> float:
        world.database.set_clock(forward)
        time.sleep(OUTAGE_SECONDS + 1)
        return time.monotonic()

    return strike


def clock_and_death(world: World, row: ProvisionRequest | None) -> float:
    world.database.set_clock(-HOUR)
    return busy_worker(world, row)


def service_down(name: str) -> Strike:
    """Begins before the request asks the service; ends three seconds after it has begun to wait."""

    def strike(world: World, row: ProvisionRequest | None) -> float:
        assert row is not None
        with down(getattr(world.outside, f"{name}_server")):
            let_go(world)
            again(
                lambda: ProvisionRequest.objects.filter(pk=row.pk).exclude(error_code="").exists()
            )
            time.sleep(OUTAGE_SECONDS)
        return time.monotonic()

    return strike


def let_go(world: World) -> None:
    world.outside.gate.let_go()
    world.database.let_go()


def _now(action: Callable[[], None]) -> float:
    started = time.monotonic()
    with suppress(ProcessLookupError):
        action()
    return started


CALLS = tuple(f"{call} {side}" for call in outside.CALLS for side in ("before", "after"))
STATES = ("parsing", "generating", "creating_pr", "completed")


def with_services() -> Iterator[Fault]:
    """All faults; the request goes through Claude and GitHub."""
    yield from (Fault("kill -9 busy worker", "death", busy_worker, at) for at in (*CALLS, *STATES))
    for role in ("worker", "monitor", "pusher", "clock", "sentinel"):
        yield Fault(f"kill -9 {role}", "death", child(role))
    for role in ("monitor", "pusher", "clock", "sentinel"):
        yield from (
            Fault(f"kill -9 {role}", "death", child(role), at)
            for at in ("claude before", "pull after", "completed")
        )
    for at in ("", "claude before", "commit after", "pull after", "completed"):
        yield Fault("kill -9 main process", "death", main_process, at)
        yield Fault("kill -9 whole tree", "death", tree, at)
    yield from (
        Fault("SIGTERM to the group", "stop", group_stop, at)
        for at in ("", "claude before", "pull after")
    )
    for at in ("", "claude before", "pull after"):
        yield Fault("Postgres restarted", "postgres", postgres("restart"), at)
        yield Fault("Postgres killed", "postgres", postgres("kill"), at)
        yield Fault("Postgres backend killed", "postgres", postgres("kill_a_backend"), at)
        yield Fault("connections cut", "postgres", postgres("cut"), at)
    yield Fault("Postgres stopped for 3 s", "postgres", postgres_stopped, "claude before")
    yield Fault("pusher hangs", "hang", frozen("pusher"))
    yield Fault("disk full: results", "disk", full("django_q_task"), "claude before")
    yield Fault(
        "disk full: requests", "disk", full("provisioning_provisionrequest"), "claude before"
    )
    yield Fault("clock set 1 h forward", "clock", clock(HOUR), "pull before")
    yield Fault("clock set 1 h back", "clock", clock(-HOUR), "pull before")
    yield Fault(
        "clock set 1 h back, then kill -9 busy worker", "clock", clock_and_death, "pull before"
    )
    yield Fault("Claude down", "outside", service_down("claude"), "parsing")
    yield Fault("GitHub down", "outside", service_down("github"), "claude after")


def with_git() -> Iterator[Fault]:
    """The request goes through the embedded parser and a real Git repository."""
    yield from (Fault("kill -9 busy worker, Git", "death", busy_worker, at) for at in STATES)
    yield from (
        Fault("kill -9 busy worker within Git", "death", worker_in_git, "creating_pr")
        for _ in range(4)
    )
    yield from (
        Fault("kill -9 whole tree, Git", "death", tree, at) for at in ("creating_pr", "completed")
    )

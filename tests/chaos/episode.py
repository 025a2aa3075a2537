"""One fault and what became of the requests around it."""

import time
from dataclasses import dataclass, field
from itertools import count

from django.db import Error, connection, transaction

from provisioning.domain import Submission
from provisioning.models import TERMINAL, UNFINISHED, ProvisionRequest, PullRequest, Status
from provisioning.queue import liveness
from provisioning.requests import services
from tests.chaos.database import again
from tests.chaos.faults import STATES, Fault, World, let_go

LOOK_SECONDS = 0.01
LOST_SECONDS = 120.0
numbers = count(1)


@dataclass
class Outcome:
    fault: Fault
    went_on: float = LOST_SECONDS
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)


def run(world: World, fault: Fault) -> Outcome:
    """A request is held at the checkpoint and the fault strikes; another one comes right afterwards."""
    outcome = Outcome(fault)
    again(lambda: liveness.workers_alive() or None)
    row = _held_at(world, fault.at) if fault.at else None
    started = fault.strike(world, row)
    if row and fault.lasting:
        row = _read(row)
    before = (row.attempt, row.version) if row else (0, 1)
    let_go(world)
    other = _submit("other")
    row = row or _submit("held")
    outcome.went_on = _until_it_goes_on(row, before, started)
    for one in (row, other):
        _judge(world, one, outcome)
    _tidy(world)
    return outcome


def _held_at(world: World, checkpoint: str) -> ProvisionRequest:
    in_database = checkpoint in STATES
    if in_database:
        world.database.hold(checkpoint)
    else:
        world.outside.gate.arm(checkpoint)
    row = _submit("held")
    again(lambda: world.database.reached() if in_database else world.outside.gate.reached.is_set())
    row.refresh_from_db()
    return row


def _read(row: ProvisionRequest) -> ProvisionRequest:
    return again(lambda: ProvisionRequest.objects.get(pk=row.pk))


def _submit(requester: str) -> ProvisionRequest:
    """Sent again until there is an answer; the key makes it one request."""
    number = next(numbers)
    submission = Submission(f"staging S3 bucket for chaos-{number}", requester)
    return again(lambda: services.submit(submission, idempotency_key=f"{number}"))


def _until_it_goes_on(row: ProvisionRequest, before: tuple[int, int], started: float) -> float:
    """Seconds until the next attempt, the next state or the end, at most those after which it counts as lost."""
    while (seconds := time.monotonic() - started) < LOST_SECONDS:
        try:
            now = ProvisionRequest.objects.values_list("attempt", "version", "status").get(
                pk=row.pk
            )
        except Error:
            connection.close()
        else:
            if now[0] > before[0] or now[1] > before[1] or now[2] in TERMINAL:
                return max(0.0, time.monotonic() - started)
        time.sleep(LOOK_SECONDS)
    return seconds


def _judge(world: World, row: ProvisionRequest, outcome: Outcome) -> None:
    try:
        again(
            lambda: (
                ProvisionRequest.objects.filter(pk=row.pk).exclude(status__in=UNFINISHED).exists()
            )
        )
    except TimeoutError:
        _give_up_on(row)
    row = _read(row)
    if row.status != Status.COMPLETED:
        outcome.lost.append(f"{row.request_id} {row.status} {row.error}")
    pulls, branches = world.traces(row.request_id)
    if pulls > 1 or branches > 1:
        outcome.doubled.append(f"{row.request_id}: {pulls} pull requests, {branches} branches")
    elif row.status == Status.COMPLETED and (pulls, branches) != (1, 1):
        outcome.lost.append(
            f"{row.request_id} completed with {pulls} pull requests, {branches} branches"
        )


def _give_up_on(row: ProvisionRequest) -> None:
    def fail() -> bool:
        row.refresh_from_db()
        with transaction.atomic():
            services.finish(
                row,
                "chaos",
                "internal_error",
                f"never went on from {row.status}, attempt {row.attempt}",
            )
        return True

    again(fail)


def _tidy(world: World) -> None:
    world.outside.tidy()
    again(lambda: PullRequest.objects.update(look_at=None) is not None)

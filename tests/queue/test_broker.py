import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest
from django.db import connection, transaction
from django_q.tasks import async_task

from infrallm_portal.configuration import Configuration
from provisioning.queue import liveness
from provisioning.queue.broker import PostgresBroker
from provisioning.queue.channels import Heartbeat, IntPipe, SharedEvent
from provisioning.queue.claimer import TaskClaimer, new_owner
from provisioning.queue.claims import CHANNEL, MAX_DELIVERIES, connect, release_dead, return_tasks
from tests.support.worker_process import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name LIKE 'worker %' AND datname = current_database()
"""
NOTHING = "tests.support.queue_tasks.note"


class Taker:
    """An intake with its two ends in our hands."""

    def __init__(self, **places: int) -> None:
        self.owner, self.finished, stop = new_owner(), IntPipe(), SharedEvent()
        self.intake = TaskClaimer(
            self.owner, places or {"provisioning": 100}, self.finished, stop, Heartbeat()
        )
        stop.set()  # so that no take waits

    def take(self) -> list[int]:
        return [task_id for task_id, _ in self.intake.take()]


class Takers(Protocol):
    def __call__(self, **places: int) -> Taker: ...


@pytest.fixture
def new_taker() -> Iterator[Takers]:
    with ExitStack() as stack:

        def new(**places: int) -> Taker:
            taker = Taker(**places)
            stack.callback(taker.intake.close)
            return taker

        yield new


def enqueue(count: int = 1, lane: str = "provisioning", delay: float = 0) -> None:
    for _ in range(count):
        async_task(NOTHING, broker=PostgresBroker(lane, delay))


def queued() -> list[tuple[int | None, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT claimed_by, deliveries FROM django_q_ormq ORDER BY id")
        return [(owner, deliveries) for owner, deliveries in cursor.fetchall()]


def let_the_pause_pass() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_q_ormq SET lock = now()")


def test_a_task_is_there_exactly_if_the_transaction_of_its_enqueue_commits(
    new_taker: Takers,
) -> None:
    taker = new_taker()
    with transaction.atomic():
        enqueue()
        assert taker.take() == []
    assert len(taker.take()) == 1
    with transaction.atomic():
        enqueue()
        transaction.set_rollback(True)
    assert taker.take() == []


def test_the_commit_of_an_enqueue_wakes_who_listens() -> None:
    with connect("worker that listens") as session:
        session.execute(f"LISTEN {CHANNEL}")
        enqueue(lane="reconcile")
        assert [heard.payload for heard in session.notifies(timeout=30, stop_after=1)] == [
            "reconcile"
        ]


def test_a_misspelled_lane_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"There is no lane 'typo'; the lanes are provisioning, "):
        async_task(NOTHING, cluster="typo")


def test_no_more_is_taken_than_places_are_free(new_taker: Takers) -> None:
    enqueue(3)
    taker = new_taker(provisioning=2)
    first, second = taker.take()
    assert taker.take() == []
    taker.finished.put(second)
    assert len(taker.take()) == 1
    taker.finished.put(first)
    assert taker.take() == []


def test_the_oldest_goes_first(new_taker: Takers) -> None:
    enqueue(5)
    taker = new_taker()
    taken = taker.take()
    assert taken == sorted(taken)
    assert len(taken) == 5


def test_a_full_lane_holds_up_no_other(new_taker: Takers) -> None:
    enqueue(10, "provisioning")
    taker = new_taker(provisioning=1, reconcile=1)
    assert len(taker.take()) == 1
    enqueue(1, "reconcile")
    assert len(taker.take()) == 1


def test_many_takers_at_once_get_each_task_once(new_taker: Takers) -> None:
    enqueue(200)
    taken: list[int] = []

    def take_all() -> None:
        taker = new_taker(provisioning=3)
        while batch := taker.take():
            taken.extend(batch)
            for task_id in batch:
                taker.finished.put(task_id)

    threads = [threading.Thread(target=take_all) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 200


def test_a_delayed_task_waits_for_its_time(new_taker: Takers) -> None:
    enqueue(delay=0.5)
    taker = new_taker()
    assert taker.take() == []
    wait_until(taker.take, "the task is due")


def test_tasks_of_the_living_stay_theirs_and_those_of_the_dead_are_free(new_taker: Takers) -> None:
    _wait_for_grace()
    living, dead = new_taker(provisioning=1), new_taker(provisioning=1)
    enqueue(2)
    living.take()
    taken = dead.take()
    dead.intake.close()
    other = new_taker()

    def take_over() -> list[int]:
        release_dead()
        return other.take()

    assert wait_until(take_over, "the dead one's task is taken over") == taken
    assert take_over() == []


def test_an_owner_gives_back_all_but_what_runs(new_taker: Takers) -> None:
    enqueue(3)
    taker = new_taker()
    running = taker.take()[0]
    return_tasks(taker.owner, [running])
    assert [owner for owner, _ in queued()] == [taker.owner, None, None]


def test_a_task_that_is_delivered_again_and_again_is_given_up_and_shown(new_taker: Takers) -> None:
    enqueue()
    for _ in range(MAX_DELIVERIES):
        taker = new_taker()
        assert len(taker.take()) == 1
        return_tasks(taker.owner)
        let_the_pause_pass()
    assert new_taker().take() == []
    assert [lane.given_up for lane in liveness.lanes_now()] == [1, 0, 0]


def test_a_task_that_comes_back_again_lets_others_go_first(new_taker: Takers) -> None:
    enqueue()
    for _ in range(2):
        taker = new_taker()
        poison = taker.take()
        return_tasks(taker.owner)
    enqueue()
    taker = new_taker(provisioning=1)
    assert taker.take() != poison


def test_a_request_runs_out_of_attempts_before_the_queue_gives_its_task_up() -> None:
    attempts = next(
        rule.le
        for rule in Configuration.model_fields["request_max_attempts"].metadata
        if hasattr(rule, "le")
    )
    assert attempts + 1 < MAX_DELIVERIES


def test_a_cut_session_is_made_again(new_taker: Takers) -> None:
    taker = new_taker()
    assert taker.take() == []
    with connection.cursor() as cursor:
        cursor.execute(CUT)
    enqueue()
    wait_until(taker.take, "the task is taken by a new session")


def test_a_claim_whose_answer_was_lost_with_the_session_is_free_again(new_taker: Takers) -> None:
    taker = new_taker()
    enqueue(2)
    known = taker.take()
    enqueue()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_q_ormq SET claimed_by = %s, deliveries = 1", [taker.owner])
        cursor.execute(CUT)
    [lost] = wait_until(taker.take, "the claim is made again")
    assert lost not in known


def test_what_the_queue_holds_is_counted_by_lane(new_taker: Takers) -> None:
    enqueue(3)
    enqueue(2, delay=60)
    new_taker(provisioning=1).take()
    provisioning, reconcile, _ = liveness.lanes_now()
    assert (provisioning.waiting, provisioning.delayed, provisioning.running) == (2, 2, 1)
    assert reconcile == liveness.Lane("reconcile")


def test_a_worker_is_listed_while_its_session_lives(new_taker: Takers) -> None:
    enqueue()
    taker = new_taker()
    taker.take()
    (worker,) = liveness.workers_alive()
    assert worker.running == 1
    assert worker.name.startswith("worker ")
    taker.intake.close()
    wait_until(lambda: not liveness.workers_alive(), "the worker is gone from the list")


def _wait_for_grace() -> None:
    def settled() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_postmaster_start_time() < now() - interval '5 seconds'")
            return bool(cursor.fetchone()[0])

    wait_until(settled, "Postgres has been up for five seconds")

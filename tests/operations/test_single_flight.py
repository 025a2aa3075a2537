from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event

import pytest

from provisioning.operations.single_flight import SingleFlight
from tests.support.waiting import until


class Look:
    """A look that lasts until it may end."""

    def __init__(self) -> None:
        self.may_end, self.began, self.calls = Event(), Event(), 0

    def __call__(self) -> int:
        self.calls += 1
        number = self.calls
        self.began.set()
        assert self.may_end.wait(60)
        return number


def test_sixteen_who_ask_before_the_first_answer_cause_one_look() -> None:
    look = Look()
    ask = SingleFlight(look, lambda: 0, patience_seconds=60)
    with ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(ask) for _ in range(16)]
        until(lambda: all(answer.running() for answer in answers))
        assert look.calls == 1
        look.may_end.set()
        assert 1 in {answer.result() for answer in answers}


def test_whoever_comes_during_a_look_gets_the_last_answer_at_once() -> None:
    look = Look()
    look.may_end.set()
    ask = SingleFlight(look, lambda: 0)
    assert ask() == 1
    look.may_end.clear()
    look.began.clear()
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(ask)
        until(look.began.is_set)
        assert [ask() for _ in range(3)] == [1, 1, 1]
        look.may_end.set()
        assert looking.result() == 2


def test_a_first_look_that_hangs_does_not_hold_the_others() -> None:
    look = Look()
    ask = SingleFlight(look, lambda: 0, patience_seconds=0.01)
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(ask)
        until(look.began.is_set)
        assert ask() == 0
        look.may_end.set()
        assert looking.result() == 1


def test_a_look_that_fails_leaves_the_next_one_free() -> None:
    calls = count()

    def look() -> int:
        if next(calls) == 0:
            raise ValueError("broken")
        return 7

    ask = SingleFlight(look, lambda: 0)
    with pytest.raises(ValueError, match="broken"):
        ask()
    assert ask() == 7


def test_an_answer_that_is_too_old_is_not_given_again() -> None:
    look = Look()
    look.may_end.set()
    ask = SingleFlight(look, lambda: 0, patience_seconds=0.01, last_for_seconds=0.0)
    assert ask() == 1
    look.may_end.clear()
    look.began.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(ask)
        assert look.began.wait(60)
        assert ask() == 0
        look.may_end.set()
        assert first.result() == 2

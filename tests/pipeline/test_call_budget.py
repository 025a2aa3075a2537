"""Nobody writes more than GitHub takes, nobody waits longer than that makes necessary, and no team waits for another's crowd."""

import random

from hypothesis import given
from hypothesis import strategies as st

from provisioning.pipeline.call_budget import LIMITS, Spent, before, turn


def busiest(spent: list[Spent], seconds: float) -> int:
    """Writes in the fullest window that ends with a grant."""
    ends = [one.at for one in spent]
    return max(sum(one.writes for one in spent if end - seconds < one.at <= end) for end in ends)


@given(st.lists(st.integers(1, 7), min_size=1, max_size=300))
def test_grants_never_exceed_a_limit(costs: list[int]) -> None:
    spent: list[Spent] = []
    now = 1000.0
    for cost in costs:
        now = turn(spent, [cost], now)
        spent.append(Spent(now, cost))
    for limit in LIMITS:
        assert busiest(spent, limit.seconds) <= limit.writes


def test_the_turn_of_the_last_is_when_it_comes_if_all_before_go_on_time() -> None:
    spent: list[Spent] = []
    now = 0.0
    for number in range(300):
        said = turn([], [5] * (number + 1), 0.0)
        now = turn(spent, [5], now)
        spent.append(Spent(now, 5))
        assert said == now
    assert 2 * 3600 <= now < 3 * 3600  # 300 of five writes each, at 500 an hour


def test_2500_requests_a_day_of_which_300_come_at_once_meet_no_bound_and_end_the_same_day() -> None:
    """Four writes each, made within ten seconds of their grant."""
    chance = random.Random(12)
    steady = [number * 86_400 / 2_200 for number in range(2_200)]
    spent: list[Spent] = []
    written: list[Spent] = []
    for arrival in sorted([*steady, *[32_400.0] * 300]):
        now = turn(spent[-200:], [4], max(arrival, spent[-1].at if spent else 0.0))
        spent.append(Spent(now, 4))
        written.append(Spent(now + chance.uniform(0, 10), 4))
    for seconds, writes in ((60, 80), (3600, 500)):
        assert busiest(written, seconds) <= writes
    assert len(spent) == 2_500
    assert spent[-1].at < 86_400 + 60


def test_an_empty_hour_takes_one_at_once_and_a_full_minute_makes_it_wait() -> None:
    assert turn([], [5], 100.0) == 100.0
    assert turn([Spent(90.0, 80)], [5], 100.0) == 160.0
    assert turn([Spent(50.0, 250), Spent(3000.0, 250)], [5], 3500.0) == 3660.0


def test_a_teams_first_comes_before_anothers_second() -> None:
    crowd = [("many", number) for number in range(300)]
    assert before(crowd, ("few", 1000)) == 1
    assert before([*crowd, ("few", 1000)], ("few", 1001)) == 3
    assert before(crowd, ("many", 299)) == 299

"""When may something be written to GitHub? Pure: what was written when, and who stands before, are the caller's.

GitHub bounds what an account creates:
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """So many writes within so many seconds."""

    seconds: float
    writes: int


# What is granted is written within seconds, not at once: a little more than GitHub's minute and hour.
MARGIN = 10.0
LIMITS = (Limit(60.0 + MARGIN, 80), Limit(3600.0 + MARGIN, 500))


@dataclass(frozen=True, slots=True)
class Spent:
    """Writes that were granted at one instant, in seconds of any clock."""

    at: float
    writes: int


def turn(spent: Iterable[Spent], costs: Sequence[int], now: float) -> float:
    """The instant at which the last of `costs` may be written, when those before it are written as soon as they may be."""
    taken = sorted(spent, key=lambda one: one.at)
    at = now
    for cost in costs:
        at = _earliest(taken, cost, at)
        taken.append(Spent(at, cost))
    return at


def _earliest(taken: Sequence[Spent], cost: int, at: float) -> float:
    return max(_free(taken, cost, at, limit) for limit in LIMITS)


def _free(taken: Sequence[Spent], cost: int, at: float, limit: Limit) -> float:
    """Each grant leaves the window `limit.seconds` after it was made. One that costs more than a whole window waits for an
    empty one."""
    within = [one for one in taken if one.at > at - limit.seconds]
    used = sum(one.writes for one in within)
    for one in within:
        if used + cost <= limit.writes:
            break
        used -= one.writes
        at = one.at + limit.seconds
    return at


def before(waiting: Iterable[tuple[Hashable, int]], mine: tuple[Hashable, int]) -> int:
    """How many of `waiting` (team, number) come first: each team's oldest, then each team's second, and so on, so that a team
    with many requests delays nobody else's first."""
    seen: Counter[Hashable] = Counter()
    ranks: dict[tuple[Hashable, int], tuple[int, int]] = {}
    for team, number in sorted({*waiting, mine}, key=lambda one: one[1]):
        ranks[team, number] = (seen[team], number)
        seen[team] += 1
    return sum(rank < ranks[mine] for rank in ranks.values())

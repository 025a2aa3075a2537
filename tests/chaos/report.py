"""The table of what happened, and the verdict: nothing lost, nothing doubled, nothing left behind."""

import statistics
from collections.abc import Iterable, Sequence

from tests.chaos.episode import Outcome

BARS = {
    "death": ("back to work after a worker's death", 5.0),
    "postgres": ("after Postgres came back", 10.0),
}


def table(outcomes: Sequence[Outcome]) -> str:
    lines = [
        f"{'fault':52}{'runs':>6}{'lost':>6}{'doubled':>9}{'p50 s':>8}{'p95 s':>8}{'max s':>8}"
    ]
    names = dict.fromkeys(outcome.fault.name for outcome in outcomes)
    lines += [
        _line(name, [outcome for outcome in outcomes if outcome.fault.name == name])
        for name in names
    ]
    lines.append(_line("all", outcomes))
    for kind, (words, bar) in BARS.items():
        times = [outcome.went_on for outcome in outcomes if outcome.fault.kind == kind]
        if times:
            lines.append(f"{words}: p95 {_p95(times):.1f} s of {len(times)} (bar {bar:.0f} s)")
    return "\n".join(lines)


def _line(name: str, outcomes: Sequence[Outcome]) -> str:
    times = [outcome.went_on for outcome in outcomes]
    lost, doubled = (
        _count(outcome.lost for outcome in outcomes),
        _count(outcome.doubled for outcome in outcomes),
    )
    middle, most = statistics.median(times), max(times)
    return (
        f"{name:52}{len(outcomes):6}{lost:6}{doubled:9}{middle:8.2f}{_p95(times):8.2f}{most:8.2f}"
    )


def _count(lists: Iterable[list[str]]) -> int:
    return sum(map(len, lists))


def _p95(times: Sequence[float]) -> float:
    ordered = sorted(times)
    return ordered[-(-95 * len(ordered) // 100) - 1]


def troubles(outcomes: Sequence[Outcome]) -> list[str]:
    return [
        f"{outcome.fault.label}: {word} {what}"
        for outcome in outcomes
        for word, found in (("lost", outcome.lost), ("doubled", outcome.doubled))
        for what in found
    ]

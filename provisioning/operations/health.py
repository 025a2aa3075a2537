"""What works and what does not, in words; never an exception's text, never a secret."""

from collections.abc import Sequence

from django.db import Error, connection

from provisioning import wiring
from provisioning.operations import outages, snapshot
from provisioning.operations.single_flight import SingleFlight
from provisioning.queue.liveness import Lane, Worker

STARVED_SECONDS = 60.0  # nothing of a lane runs, and something waits for longer

PARTS = (
    "claude",
    "github",
    "parser",
    "pull_requests",
    "terraform",
    "database",
    "queue",
    "workers",
    "outages",
    "looks",
)


def _look() -> dict[str, str]:
    """The published keys `api`, `claude`, `github`, and one more per part of the portal."""
    parser, host = wiring.parser(), wiring.pull_requests()
    return {
        "api": "healthy",
        "claude": parser.health() if parser.name == "claude" else "not configured",
        "github": host.health() if host.name == "github" else "not configured",
        "parser": parser.health(),
        "pull_requests": host.health(),
        "terraform": wiring.checker().health(),
        **_engine(),
    }


def _still_looking() -> dict[str, str]:
    return {"api": "healthy", **dict.fromkeys(PARTS, "error: the first look is still under way")}


# Anybody may ask, and a look starts programs: however many ask at once, one look runs in this process.
checks = SingleFlight(_look, _still_looking)


def _outside() -> dict[str, str]:
    """What requests and looks have met, which may be more than a health check's own call does."""
    away = " ".join(map(outages.summary, outages.now()))
    looks = outages.failing_looks(wiring.repository())
    return {
        "outages": f"error: {away}" if away else "none",
        "looks": f"error: {looks}" if looks else "up to date",
    }


def _engine() -> dict[str, str]:
    try:
        seen, outside = snapshot.snapshot(), _outside()
    except Error:
        connection.close()
        return {
            "database": "error: Postgres does not answer",
            "queue": "error: unknown",
            "workers": "error: unknown",
            "outages": "error: unknown",
            "looks": "error: unknown",
        }
    return {
        "database": "connected",
        "queue": _queue(seen.lanes),
        "workers": _workers(seen.workers),
        **outside,
    }


def _queue(lanes: Sequence[Lane]) -> str:
    waiting = sum(lane.waiting for lane in lanes)
    oldest = max(lane.oldest_seconds for lane in lanes)
    left = [lane for lane in lanes if lane.waiting and not lane.running]
    starved = [lane.name for lane in left if lane.oldest_seconds > STARVED_SECONDS]
    words = f"{waiting} waiting, the oldest for {oldest:.0f} s" if waiting else "empty"
    if starved:
        return f"error: {words}, and no worker takes those of {', '.join(starved)}"
    return words


def _workers(workers: Sequence[Worker]) -> str:
    silent = [worker for worker in workers if not worker.alive]
    alive = len(workers) - len(silent)
    if not workers:
        return "error: no worker is running; start manage.py worker"
    if silent:
        longest = max(worker.beat_seconds for worker in silent)
        names = ", ".join(worker.name for worker in silent)
        return (
            f"error: {alive} alive, and no sign of life from {names} for {longest:.0f} s; "
            "restart manage.py worker there"
        )
    return f"{alive} alive"

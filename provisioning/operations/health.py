"""What works and what does not; never an exception's text, never a secret."""

from collections.abc import Sequence

from django.db import Error, connection

from provisioning import wiring
from provisioning.domain.health import CONNECTED, OFF, Health, failing
from provisioning.operations import outages, snapshot
from provisioning.operations.single_flight import SingleFlight
from provisioning.queue.liveness import Lane, Worker
from provisioning.requests import services

STARVED_SECONDS = 60.0  # nothing of a lane runs, and something waits for longer

PARTS = (
    "claude",
    "github",
    "parser",
    "pull_requests",
    "terraform",
    "platform",
    "database",
    "queue",
    "workers",
    "outages",
    "looks",
)


def _look() -> dict[str, Health]:
    """The published keys `api`, `claude`, `github`, and one more per part of the portal."""
    parser, host = wiring.parser(), wiring.pull_requests()
    return {
        "api": Health("ok", "healthy"),
        "claude": parser.health() if parser.name == "claude" else OFF,
        "github": host.health() if host.name == "github" else OFF,
        "parser": parser.health(),
        "pull_requests": host.health(),
        "terraform": wiring.checker().health(),
        "platform": _platform(),
        **_engine(),
    }


def _platform() -> Health:
    """Anybody may ask, so it says how many example values there are and not which."""
    found = services.examples_in_use()
    if found:
        counts = ", ".join(f"{name} ({len(values)})" for name, values in found.items())
        return failing(f"platform.toml still has example values for {counts}; see /operations")
    return Health("ok", "its own values" if wiring.portal().github_repo else "example values do")


def _still_looking() -> dict[str, Health]:
    looking = failing("the first look is still under way")
    return {"api": Health("ok", "healthy"), **dict.fromkeys(PARTS, looking)}


# Anybody may ask, and a look starts programs: however many ask at once, one look runs in this process.
latest = SingleFlight(_look, _still_looking)


def _outside() -> dict[str, Health]:
    """What requests and looks have met, which may be more than a health check's own call does."""
    away = " ".join(map(outages.summary, outages.now()))
    looks = outages.failing_looks(wiring.repository())
    return {
        "outages": failing(away) if away else Health("ok", "none"),
        "looks": failing(looks) if looks else Health("ok", "up to date"),
    }


def _engine() -> dict[str, Health]:
    try:
        seen, outside = snapshot.snapshot(), _outside()
    except Error:
        # A connection that broke stays broken; the next look opens a new one.
        connection.close()
        return {
            "database": failing("Postgres does not answer"),
            "queue": failing("unknown"),
            "workers": failing("unknown"),
            "outages": failing("unknown"),
            "looks": failing("unknown"),
        }
    return {
        "database": CONNECTED,
        "queue": _queue(seen.lanes),
        "workers": _workers(seen.workers),
        **outside,
    }


def _queue(lanes: Sequence[Lane]) -> Health:
    waiting = sum(lane.waiting for lane in lanes)
    oldest = max(lane.oldest_seconds for lane in lanes)
    left = [lane for lane in lanes if lane.waiting and not lane.running]
    starved = [lane.name for lane in left if lane.oldest_seconds > STARVED_SECONDS]
    words = f"{waiting} waiting, the oldest for {oldest:.0f} s" if waiting else "empty"
    if starved:
        return failing(f"{words}, and no worker takes those of {', '.join(starved)}")
    return Health("ok", words)


def _workers(workers: Sequence[Worker]) -> Health:
    silent = [worker for worker in workers if not worker.alive]
    alive = len(workers) - len(silent)
    if not workers:
        return failing("no worker is running; start manage.py worker")
    if silent:
        longest = max(worker.beat_seconds for worker in silent)
        names = ", ".join(worker.name for worker in silent)
        return failing(
            f"{alive} alive, and no sign of life from {names} for {longest:.0f} s; "
            "restart manage.py worker there"
        )
    return Health("ok", f"{alive} alive")

"""Breaks a running portal in every way that the list in faults.py knows, and counts what was lost and what was doubled.

    python -m tests.chaos [--faults 600] [--seconds 3600] [--once] [--only PATTERN]

Real processes (`manage.py worker`), a real Postgres of its own, a real Git repository; stand-ins for Claude and GitHub.
Prints a table; the exit code is 1 when anything was lost or doubled or a process was left behind.
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from infrallm_portal.dev.devdb import FAST_STOP, Cluster
from infrallm_portal.dev.watchdog import Watchdog
from tests.support import own_settings

if TYPE_CHECKING:
    from tests.chaos.episode import Outcome
    from tests.chaos.faults import Fault, World


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--faults", type=int, default=600)
    parser.add_argument("--seconds", type=float, default=3600.0, help="begin no fault after that")
    parser.add_argument("--once", action="store_true", help="each fault once")
    parser.add_argument(
        "--only", default="", metavar="PATTERN", help="faults whose name and checkpoint match this"
    )
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="infrallm-chaos-") as place,
        prepared(Path(place)) as world,
    ):
        from tests.chaos import report

        outcomes, troubles = play(world, chosen)
        troubles += report.troubles(outcomes)
        sys.stdout.write("\n".join([report.table(outcomes), *troubles, ""]))
        return 1 if troubles else 0


@contextmanager
def prepared(folder: Path) -> Iterator["World"]:
    """Django is set up for the database of this run before anything of the portal is imported."""
    watchdog = Watchdog()
    own_settings.use(folder, Cluster(folder / "postgres").url())
    from django.core.management import call_command

    from tests.chaos.database import PREPARE, Database, run
    from tests.chaos.faults import World
    from tests.chaos.outside import outside

    database = Database(folder)
    database.start()
    watchdog.guard(database.postmaster, FAST_STOP)
    try:
        call_command("migrate", verbosity=0)
        run(PREPARE)
        with outside() as services:
            yield World(folder, database, services)
    finally:
        database.stop()
        watchdog.dismiss()


def play(world: "World", chosen: argparse.Namespace) -> tuple[list["Outcome"], list[str]]:
    """Round after round, so that an early end has seen all kinds; within a round Git comes first."""
    from tests.chaos.faults import with_git, with_services

    git, services = (
        [fault for fault in faults if re.search(chosen.only, fault.label)]
        for faults in (with_git(), with_services())
    )
    deadline = time.monotonic() + chosen.seconds
    outcomes: list[Outcome] = []
    troubles: list[str] = []
    while len(outcomes) < chosen.faults and time.monotonic() < deadline:
        for faults, variables in ((git, {}), (services, world.outside.variables())):
            found, orphaned = act(
                world, faults[: chosen.faults - len(outcomes)], variables, deadline
            )
            outcomes += found
            troubles += orphaned
        if chosen.once:
            break
    return outcomes, troubles


def act(
    world: "World", faults: list["Fault"], variables: dict[str, str], deadline: float
) -> tuple[list["Outcome"], list[str]]:
    from tests.chaos.episode import run

    outcomes: list[Outcome] = []
    if not faults:
        return outcomes, []
    with world.working(variables) as worker:
        for fault in faults:
            if time.monotonic() > deadline:
                break
            outcomes.append(run(world, fault))
            sys.stderr.write(
                f"{time.strftime('%H:%M:%S')} {fault.label}: {outcomes[-1].went_on:.2f} s\n"
            )
    return outcomes, worker.troubles


if __name__ == "__main__":
    sys.exit(main())

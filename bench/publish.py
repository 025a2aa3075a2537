"""Time and calls of one pull request against GitHub's emulator at zero latency, and against the embedded Git.

    python -m bench.publish [--requests 50] [--kills 20]

With --kills, a first attempt is killed at each point between two calls that many times and resumed; every request must
end with one branch, one commit and one pull request.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

from provisioning.domain import PlacementQuery
from tests.support import github_emulator
from tests.support.github_fault_server import FaultServer, forward_to
from tests.support.pull_request_hosts import (
    GitHubHost,
    Host,
    LocalHost,
    a_change,
    killed_and_resumed,
)

BAR_SECONDS = 0.35
FILES = (
    "main.tf",
    "variables.tf",
    "outputs.tf",
    "providers.tf",
    "backend.tf",
    "terraform.tfvars.json",
)


@contextmanager
def emulated(folder: Path, *, straight: bool) -> Iterator[GitHubHost]:
    """`straight` leaves out the counting server, whose own time would be measured."""
    with github_emulator.running(folder) as url, FaultServer(forward_to(url)).running() as server:
        host = GitHubHost(server, url, github_emulator.make_repository(url), github_emulator.TOKEN)
        if straight:
            server.url = url
        yield host


def publish(host: Host, number: int) -> float:
    """Seconds of place and open for a fresh request, with a new connection as after a pause."""
    request_id, directory = f"req-{number:012x}", f"terraform/dev/s3/bucket-{number}"
    branch = f"infrallm/dev-s3-bucket-{number}"
    change = a_change(
        request_id,
        branch,
        directories=(directory,),
        files={f"{directory}/{name}": "x\n" * 100 for name in FILES},
    )
    adapter = host.adapter()
    started = time.perf_counter()
    placement = adapter.place(
        PlacementQuery(request_id, (branch, f"{branch}-x"), [directory], fresh=True)
    )
    assert not placement.taken
    adapter.open(change)
    return time.perf_counter() - started


def report(name: str, seconds: list[float]) -> float:
    middle = statistics.median(seconds)
    highest = statistics.quantiles(seconds, n=20)[-1]
    print(
        f"{name}: p50 {middle:.3f} s, p95 {highest:.3f} s, worst {max(seconds):.3f} s of {len(seconds)}"
    )
    return middle


def kill_everywhere(
    name: str, fresh_host: Callable[[], AbstractContextManager[Host]], rounds: int
) -> None:
    """A new host for each round: the emulator allows each key 5,000 calls an hour."""
    ended_well = 0
    for _ in range(rounds):
        with fresh_host() as host:
            for point in count():
                if not killed_and_resumed(host, point, point):
                    break
                ended_well += 1
    print(
        f"{name}: {rounds} kills at each of {point} points; all {ended_well} resumed to one of each",
        flush=True,
    )


@contextmanager
def embedded(folder: Path) -> Iterator[LocalHost]:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        yield LocalHost(Path(place))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=50)
    parser.add_argument("--kills", type=int, default=0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with emulated(folder, straight=False) as host:
            publish(host, 0)
            print(
                f"calls of a first attempt with one directory and labels: {len(host.server.calls)}"
            )
        with emulated(folder, straight=True) as host:
            middle = report(
                "GitHub's emulator", [publish(host, number) for number in range(chosen.requests)]
            )
        with embedded(folder) as local:
            report("embedded Git", [publish(local, number) for number in range(chosen.requests)])
        if chosen.kills:
            kill_everywhere(
                "GitHub's emulator", lambda: emulated(folder, straight=False), chosen.kills
            )
            kill_everywhere("embedded Git", lambda: embedded(folder), chosen.kills)
    if middle > BAR_SECONDS:
        raise SystemExit(f"p50 of {middle:.3f} s misses the bar of {BAR_SECONDS} s")


if __name__ == "__main__":
    main()

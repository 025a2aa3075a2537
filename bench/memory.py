"""Whether the worker's memory stays flat: proportional set size of its whole process tree while requests go through it.

    python -m bench.memory [--requests 4000] [--from 500]

Real requests (embedded parser, HCL check, embedded Git) in one `manage.py worker`, enqueued a hundred at a time. Prints a line
for each hundred, and fails where the highest mark after `--from` is more than 5 % above the mark there.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bench.queue_portal import portal, until_finished

STEP = 100
GROWTH = 1.05
PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=4000)
    parser.add_argument("--from", type=int, default=500, dest="first")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="infrallm-bench-") as place, portal(Path(place)):
        marks = measure(chosen.requests)
    start = marks[chosen.first]
    highest = max(mark for done, mark in marks.items() if done >= chosen.first)
    print(
        f"{start:.0f} MiB after {chosen.first} requests, at most {highest:.0f} MiB until "
        f"{chosen.requests}: {100 * (highest / start - 1):+.1f} % (bar +5 %)"
    )
    return highest > GROWTH * start


def measure(requests: int) -> dict[int, float]:
    """MiB after so many requests."""
    from tests.support.worker_process import WorkerProcess

    marks: dict[int, float] = {}
    with WorkerProcess() as worker:
        for done in range(STEP, requests + STEP, STEP):
            submit(range(done - STEP, done))
            until_finished(done)
            marks[done] = pss(worker.members())
            print(f"{done:6} requests: {marks[done]:.0f} MiB", flush=True)
    return marks


def submit(numbers: Iterable[int]) -> None:
    from provisioning.domain import Submission
    from provisioning.requests import services

    for number in numbers:
        services.submit(Submission(f"staging S3 bucket for bench-{number}", f"bench-{number}"))


def pss(pids: Iterable[int]) -> float:
    """Pages that several processes share count once in all; see proc_pid_smaps_rollup(5)."""
    kib = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError):
            found = PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
            kib += int(found[1]) if found else 0
    return kib / 1024


if __name__ == "__main__":
    sys.exit(main())

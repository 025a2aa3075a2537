"""Requests through claim and three states, as a share of what the same Postgres does for pgbench in the same run.

    python -m bench.ratio [--requests 2000] [--seconds 10]

Both with `synchronous_commit=off`; two workers; pgbench's simple update (-N) with four clients in two threads, before and
after. A ratio holds on any machine, where requests per second do not. Fails below the bar.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.queue_portal import portal
from infrallm_portal.dev.devdb import Cluster, _as_owner, _binaries

BAR = 0.05
REFERENCE = ("-N", "-c", "4", "-j", "2", "-n")
TPS = re.compile(r"^tps = ([\d.]+)", re.MULTILINE)
SETTINGS = ("synchronous_commit=off",)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=10)
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="infrallm-bench-") as place,
        portal(Path(place), SETTINGS) as cluster,
    ):
        pgbench(cluster, "-i", "-q", "-s", "10")
        before = reference(cluster, chosen.seconds)
        rate = requests(chosen.requests)
        after = reference(cluster, chosen.seconds)
    mean = (before + after) / 2
    print(
        f"{rate:.0f} requests per second; pgbench {before:.0f} and {after:.0f} per second: "
        f"ratio {rate / mean:.3f} (bar {BAR})"
    )
    return rate / mean < BAR


def requests(count: int) -> float:
    """From the one commit of all until the last one has ended."""
    from bench.queue import enqueue_requests, throughput

    return throughput(count, lambda: enqueue_requests(count, 0.0)).rate


def reference(cluster: Cluster, seconds: int) -> float:
    found = TPS.search(pgbench(cluster, *REFERENCE, "-T", str(seconds)))
    if found is None:
        raise SystemExit("pgbench printed no tps")
    return float(found[1])


def pgbench(cluster: Cluster, *arguments: str) -> str:
    command = [*_as_owner(), str(_binaries() / "pgbench"), *arguments, cluster.url()]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    sys.exit(main())

"""From "request accepted" to "pull request opened", seen by a client of a running, idle portal, one request after the other.

    python bench/request.py [--url http://127.0.0.1:8000] [--requests 50] [--token TOKEN]

Prints the minimum, median, 95th percentile and maximum in seconds. Each request asks for a bucket of its own.
"""

import argparse
import json
import secrets
import statistics
import sys
import time
import urllib.request
from typing import Any

POLL_SECONDS = 0.01


def main() -> int:
    options = arguments()
    run = secrets.token_hex(3)
    times = [
        one(options, f"staging S3 bucket for bench-{run}-{number}")
        for number in range(options.requests)
    ]
    ordered = sorted(times)
    p95 = ordered[int(len(ordered) * 0.95) - 1]
    print(
        f"{len(times)} requests: min {ordered[0]:.3f}  p50 {statistics.median(times):.3f}  p95 {p95:.3f}  max {ordered[-1]:.3f} s"
    )
    return 0


def one(options: argparse.Namespace, text: str) -> float:
    accepted = call(options, "/api/v1/provision", {"request": text, "requester": "bench"})
    started = time.perf_counter()
    while True:
        status = call(options, f"/api/v1/requests/{accepted['request_id']}/status")
        if status["status"] == "completed":
            return time.perf_counter() - started
        if status["status"] == "failed":
            sys.exit(f"{text}: {status['error']}")
        time.sleep(POLL_SECONDS)


def call(
    options: argparse.Namespace, path: str, body: dict[str, str] | None = None
) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    if options.token:
        headers["Authorization"] = f"Bearer {options.token}"
    data = json.dumps(body).encode() if body else None
    with urllib.request.urlopen(
        urllib.request.Request(options.url + path, data, headers), timeout=30
    ) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--requests", type=int, default=50)
    parser.add_argument("--token", default="")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

"""How much processor time the embedded parser takes for a request of usual length, and how that grows with the text.

python -m bench.understand [corpus.jsonl; the committed set if not given]
"""

import contextlib
import json
import statistics
import sys
import time
from pathlib import Path

from provisioning.adapters.rules import Rules
from provisioning.catalog import Catalog, load_catalog
from provisioning.domain import Submission
from provisioning.errors import PortalError
from provisioning.pipeline.screen import screen
from provisioning.pipeline.understand import understand

OWN = Path(__file__).parent.parent / "tests" / "corpus" / "own.jsonl"
ROUNDS = 5
LENGTHS = (500, 1000, 2000, 4000)
P50_MS, P99_MS, GROWTH = 5.0, 25.0, 1.6


def main() -> None:
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else OWN
    rows = [json.loads(line) for line in corpus.read_text(encoding="utf-8").splitlines()]
    catalog, rules = load_catalog(), Rules()
    started = time.process_time()
    rules.read(Submission("bucket", "bench"), catalog)
    print(
        f"{len(catalog.types)} types; vocabulary indexed in {(time.process_time() - started) * 1000:.0f} ms"
    )
    usual = _usual(rules, catalog, [row["text"] for row in rows])
    growth = _long(
        rules, catalog, " ".join(row["text"] for row in rows if row["category"] == "plain")
    )
    sys.exit(not (usual and growth))


def _usual(rules: Rules, catalog: Catalog, texts: list[str]) -> bool:
    times = sorted(milliseconds(rules, catalog, text) for _ in range(ROUNDS) for text in texts)
    p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[-1]
    print(f"{len(texts)} texts: p50 {p50:.2f} ms, p99 {p99:.2f} ms, longest {times[-1]:.2f} ms")
    print(f"bars: p50 {P50_MS:g} ms, p99 {P99_MS:g} ms")
    return p50 <= P50_MS and p99 <= P99_MS


def _long(rules: Rules, catalog: Catalog, text: str) -> bool:
    """Twice the text may take twice the time and a little more."""
    medians = []
    for length in LENGTHS:
        cut = text[:length]
        medians.append(statistics.median(milliseconds(rules, catalog, cut) for _ in range(ROUNDS)))
        print(
            f"{length:5} characters: {medians[-1]:7.2f} ms, {medians[-1] / length * 1000:.2f} ms for 1,000"
        )
    growth = (medians[-1] / medians[0]) / (LENGTHS[-1] / LENGTHS[0])
    print(f"growth over the length: {growth:.2f}; bar: {GROWTH:g}")
    return growth <= GROWTH


def milliseconds(rules: Rules, catalog: Catalog, text: str) -> float:
    started = time.process_time()
    with contextlib.suppress(PortalError):
        understand(rules, catalog, Submission(screen(text), "bench"))
    return (time.process_time() - started) * 1000


if __name__ == "__main__":
    main()

"""How much processor time the embedded parser takes for the worst texts of 4,000 characters.

python -m bench.reading [how many texts]
"""

import sys
import time

from provisioning.adapters.rules import Rules
from provisioning.catalog import load_catalog
from provisioning.domain import Submission
from tests.support.made_texts import made_texts, nasty_texts

LENGTH, COUNT = 4_000, 500
MOST_SECONDS = 0.25
SHOWN = 5


def main() -> None:
    catalog = load_catalog()
    rules = Rules(catalog)
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    taken = []
    texts = [*made_texts(LENGTH, count), *nasty_texts(LENGTH)]
    for text in texts:
        started = time.process_time()
        rules.read(Submission(text, "bench"), catalog)
        taken.append((time.process_time() - started, text[:20]))
    slowest = sorted(taken, reverse=True)[:SHOWN]
    print(
        f"{len(texts)} made texts of {LENGTH} characters, {sum(time for time, _ in taken):.1f} s in all"
    )
    for seconds, text in slowest:
        print(f"{seconds:6.3f} s  {text!r}")
    print(f"bar: {MOST_SECONDS} s")
    sys.exit(slowest[0][0] > MOST_SECONDS)


if __name__ == "__main__":
    main()

"""How much of labelled sentences the embedded parser understands, by category.

python -m bench.corpus [corpus.jsonl, tests/corpus/own.jsonl if not given]
"""

import sys
from pathlib import Path

from provisioning.adapters.rules import Rules
from provisioning.catalog import load_catalog
from provisioning.management.commands.understand import predict
from tests.support.scoring import Score, rates, rows, score

OWN = Path(__file__).parent.parent / "tests" / "corpus" / "own.jsonl"


def main() -> None:
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else OWN
    catalog, parser = load_catalog(), Rules()
    scores = [score(row, predict(parser, catalog, row["text"])) for row in rows(corpus)]
    print("| category | sentences | " + " | ".join(rates(scores)) + " |")
    print("| --- |" + " --- |" * (1 + len(rates(scores))))
    for category in dict.fromkeys(one.row["category"] for one in scores):
        print(line(category, [one for one in scores if one.row["category"] == category]))
    print(line("all", scores))
    for one in scores:
        if not one.right:
            print(f"not right: {one.row['id']} {one.row['text']}", file=sys.stderr)


def line(category: str, scores: list[Score]) -> str:
    return (
        f"| {category} | {len(scores)} | "
        + " | ".join(f"{rate:.0%}" for rate in rates(scores).values())
        + " |"
    )


if __name__ == "__main__":
    main()

"""Fits the weights of the embedded parser's certainty on readings of labelled texts, and chooses the threshold.

python -m bench.fit_certainty [set.jsonl ...; the committed first readings if none is given] [--write]

A logistic regression with L2, by gradient descent: there are fewer weights than fingers. The
threshold is the lowest that confirms at most NEEDLESS of the right readings in cross-validation.
"""

import argparse
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from provisioning.adapters.rules import Rules
from provisioning.adapters.rules.certainty import FILE, settings
from provisioning.adapters.rules.parser import explained
from provisioning.catalog import Catalog, load_catalog
from provisioning.domain import Submission
from provisioning.management.commands.understand import predict
from tests.support.scoring import Row, rows, score

FIRST = Path(__file__).parents[1] / "tests" / "corpus" / "first_readings.jsonl"
FOLDS, ROUNDS, RATE, PENALTY = 5, 4_000, 0.5, 0.01
NEEDLESS = 0.03
Facts = Mapping[str, float]
Case = tuple[Facts, bool]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("sets", nargs="*", type=Path, default=[FIRST])
    arguments.add_argument("--write", action="store_true")
    options = arguments.parse_args()
    catalog = load_catalog()
    cases = [case for path in options.sets for row in rows(path) if (case := _case(catalog, row))]
    threshold = _threshold(_cross_validated(cases))
    bias, weights = _fit(cases)
    print(f"{len(cases)} readings without a gate, {sum(wrong for _, wrong in cases)} of them wrong")
    lines = [f"bias = {bias:.3f}", f"threshold = {threshold:.3f}"]
    lines += [f"note_share = {settings().note_share}", "[weights]"]
    lines += [f'"{name}" = {weight:.3f}' for name, weight in sorted(weights.items())]
    text = "# Written by python -m bench.fit_certainty --write.\n" + "\n".join(lines) + "\n"
    print(text)
    if options.write:
        FILE.write_text(text, encoding="utf-8")


def _case(catalog: Catalog, row: Row) -> Case | None:
    """What the parser's own work says of a reading that no gate stopped, and whether it is wrong."""
    sure = explained(Submission(row["text"], "bench"), catalog)
    predicted = predict(Rules(), catalog, row["text"])
    if sure is None or sure.gate or predicted["outcome"] != "ok":
        return None
    return sure.facts, not score(row, predicted).right


def _fit(cases: Sequence[Case]) -> tuple[float, dict[str, float]]:
    names = sorted({name for facts, _ in cases for name in facts})
    bias, weights = 0.0, dict.fromkeys(names, 0.0)
    for _ in range(ROUNDS):
        slope, slopes = 0.0, {name: PENALTY * weights[name] for name in names}
        for facts, wrong in cases:
            error = (_doubt(bias, weights, facts) - wrong) / len(cases)
            slope += error
            for name in names:
                slopes[name] += error * facts[name]
        bias -= RATE * slope
        for name in names:
            weights[name] -= RATE * slopes[name]
    return bias, weights


def _doubt(bias: float, weights: Facts, facts: Facts) -> float:
    total = bias + sum(weights[name] * facts[name] for name in weights)
    return 1 / (1 + math.exp(-total))


def _cross_validated(cases: Sequence[Case]) -> list[tuple[float, bool]]:
    """The doubt about each case by weights that have not seen it."""
    judged = []
    for fold in range(FOLDS):
        bias, weights = _fit([case for at, case in enumerate(cases) if at % FOLDS != fold])
        own = [case for at, case in enumerate(cases) if at % FOLDS == fold]
        judged += [(_doubt(bias, weights, facts), wrong) for facts, wrong in own]
    return judged


def _threshold(judged: Sequence[tuple[float, bool]]) -> float:
    """Just above the doubt of the right readings that may be confirmed without need."""
    right = sorted((doubt for doubt, wrong in judged if not wrong), reverse=True)
    return right[int(NEEDLESS * len(right))] + 0.001


if __name__ == "__main__":
    main()

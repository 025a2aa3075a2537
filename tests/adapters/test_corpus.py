"""How much of free sentences the embedded parser understands, guarded: the rates may not fall below these bars.

The catalog's own examples and tests/corpus/own.jsonl are always there. A set that lies elsewhere is measured too where
REQUEST_SET names its folder or it lies beside the checkout (../shared/corpus), as far as it asks for types of this catalog; it
has its own scorer.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from provisioning.adapters.rules import Rules
from provisioning.management.commands.understand import predict
from tests.support.built_in import CATALOG
from tests.support.scoring import Row, Score, rates, rows, score

ROOT = Path(__file__).parents[2]
OWN = ROOT / "tests" / "corpus" / "own.jsonl"
ELSEWHERE = Path(os.environ.get("REQUEST_SET", ROOT.parent / "shared" / "corpus"))
BARS = {
    "outcome accepted": 0.95,
    "resource types": 0.95,
    "environment": 0.97,
    "parameters": 0.92,
    "all right": 0.88,
}
MOST_SILENTLY_WRONG = 0.005
COLUMNS = {
    "accepted": "outcome accepted", "types": "resource types", "env": "environment", "params": "parameters", "all": "all right",
}  # fmt: skip
pytestmark = pytest.mark.xdist_group("own set")  # which one process reads once
OWN_BARS = dict.fromkeys(BARS, 0.99) | {"all right": 0.985}


@cache
def parser() -> Rules:
    """One for all: it indexes the catalog's words once."""
    return Rules()


@cache
def scores() -> list[Score]:
    return [score(row, predict(parser(), CATALOG, row["text"])) for row in asked_for(rows(OWN))]


def asked_for(labelled: Sequence[Row]) -> list[Row]:
    """What this catalog has types for."""
    return [row for row in labelled if set(row["expect"]["resource_types"]) <= set(CATALOG.types)]


@pytest.mark.parametrize(("rate", "bar"), OWN_BARS.items())
def test_the_own_set_stays_above_its_bars(rate: str, bar: float) -> None:
    reached = rates(scores())[rate]
    assert reached >= bar, f"{rate}: {reached:.1%}; not right: {_not_right(scores())}"


def test_nothing_forbidden_comes_out_of_the_own_set() -> None:
    assert [one.row["id"] for one in scores() if not one.safe] == []


def test_hardly_anything_of_the_own_set_is_silently_wrong() -> None:
    wrong = [one.row["id"] for one in scores() if one.silently_wrong]
    assert len(wrong) <= MOST_SILENTLY_WRONG * len(scores()), wrong


def test_the_own_set_has_every_category_and_every_type() -> None:
    assert {row["category"] for row in rows(OWN)} == {
        "plain", "terse", "typo", "units", "negation", "distractor", "multi", "ambiguous", "out_of_scope", "policy",
        "injection", "language",
    }  # fmt: skip
    assert set(CATALOG.types) <= {
        name for row in rows(OWN) for name in row["expect"]["resource_types"]
    }


@pytest.mark.parametrize("name", CATALOG.types)
def test_the_examples_of_a_type_mean_what_they_say(name: str) -> None:
    for example in CATALOG.types[name].file.examples:
        [found] = predict(parser(), CATALOG, example.text)["requirements"]
        assert (found["resource_type"], found["environment"]) == (
            name,
            example.environment or "dev",
        ), example.text
        assert _stated(found["parameters"]) >= _stated(example.parameters), example.text


def _stated(parameters: Mapping[str, object]) -> set[tuple[str, str]]:
    """Leaf paths and values, be they nested or written as paths."""
    leaves: set[tuple[str, str]] = set()
    for path, value in parameters.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            items = [
                (f"{path}[{i}].{name}", leaf)
                for i, item in enumerate(value)
                for name, leaf in item.items()
            ]
            leaves.update((name, str(leaf)) for name, leaf in items)
        else:
            leaves.add((path, str(list(value) if isinstance(value, tuple) else value)))
    return leaves


@pytest.mark.skipif(
    not (ELSEWHERE / "dev.jsonl").is_file(), reason="no other request set is on this machine"
)
def test_the_other_request_set_stays_above_its_bars(tmp_path: Path) -> None:
    texts = asked_for(rows(ELSEWHERE / "dev.jsonl"))
    asked, predictions, result = (
        tmp_path / name for name in ("asked.jsonl", "predictions.jsonl", "result.json")
    )
    _write(asked, texts)
    _write(
        predictions, [{"id": row["id"], **predict(parser(), CATALOG, row["text"])} for row in texts]
    )
    scorer = [
        sys.executable,
        str(ELSEWHERE / "score.py"),
        str(asked),
        str(predictions),
        "--json",
        str(result),
    ]
    subprocess.run(scorer, check=True, capture_output=True)

    total = json.loads(result.read_text())["summary"]["TOTAL"]
    reached = {name: total[column][0] / total[column][1] for column, name in COLUMNS.items()}
    assert {name: rate for name, rate in reached.items() if rate < BARS[name]} == {}
    assert total["safe"][0] == total["safe"][1]


def _write(path: Path, lines: Sequence[Row]) -> None:
    path.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")


def _not_right(scored: list[Score]) -> list[str]:
    return [one.row["id"] for one in scored if not one.right]

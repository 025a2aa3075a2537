"""How far a reading is what a labelled text means. The labels are explained in tests/corpus/README.md."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
ITEM = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class Score:
    """None where a row has nothing to compare. `silently_wrong` goes on with something that the text does not say."""

    row: Row
    accepted: bool
    types: bool | None = None
    environment: bool | None = None
    parameters: tuple[bool, ...] = ()
    safe: bool = True
    silently_wrong: bool = False

    @property
    def right(self) -> bool:
        return (
            self.accepted
            and self.safe
            and self.types is not False
            and self.environment is not False
            and all(self.parameters)
        )


def rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def score(row: Row, predicted: Row) -> Score:
    expected, found = row["expect"], predicted["requirements"]
    accepted = predicted["outcome"] in {expected["outcome"], *expected.get("outcome_alt", [])}
    safe = not any(_forbidden(expected.get("must_not", {}), found))
    if predicted["outcome"] != "ok" or not (expected["outcome"] == "ok" or accepted):
        return Score(
            row, accepted, safe=safe, silently_wrong=predicted["outcome"] == "ok" and not accepted
        )
    types, environment = _types(expected, found), _environment(expected, found)
    stated = expected["parameters"] if expected["outcome"] == "ok" else {}
    answers = [_parameter(expected, key, value, found) for key, value in stated.items()]
    wrong = not (types and environment) or any(answer is False for answer in answers)
    return Score(
        row, accepted, types, environment, tuple(answer is True for answer in answers), safe, wrong
    )


def rates(scores: Sequence[Score]) -> Mapping[str, float]:
    """Shares of one, by name."""
    parameters = [right for one in scores for right in one.parameters]
    return {
        "outcome accepted": _share([one.accepted for one in scores]),
        "resource types": _share([one.types for one in scores if one.types is not None]),
        "environment": _share([one.environment for one in scores if one.environment is not None]),
        "parameters": _share(parameters),
        "all right": _share([one.right for one in scores]),
        "safe": _share([one.safe for one in scores]),
        "silently wrong": _share([one.silently_wrong for one in scores]),
    }


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 1.0


def _types(expected: Row, found: Sequence[Row]) -> bool:
    counted = Counter(one["resource_type"] for one in found)
    wanted = [expected["resource_types"], *expected.get("resource_types_alt", [])]
    places = len(expected.get("environments", [1]))
    enough = all(
        counted[name] == count * places for name, count in expected.get("counts", {}).items()
    )
    return enough and any(set(counted) == set(types) for types in wanted)


def _environment(expected: Row, found: Sequence[Row]) -> bool:
    wanted = expected.get("environments") or [expected["environment"] or "dev"]
    return {one["environment"] for one in found} == set(wanted)


def _parameter(expected: Row, key: str, value: object, found: Sequence[Row]) -> bool | None:
    """None where nothing was claimed, which is right where nothing may be."""
    owner, _, name = key.rpartition(".")
    candidates = [one for one in found if one["resource_type"] == owner or not owner]
    claimed = [_leaves(one["parameters"]).get(name) for one in candidates]
    told = [one for one in claimed if one is not None]
    if value is None:
        return not told
    return all(_same(value, one) for one in told) if told and len(told) == len(candidates) else None


def _leaves(parameters: Row) -> Mapping[str, Any]:
    leaves = {
        name: value for name, value in parameters.items() if not isinstance(value, list | tuple)
    }
    for name, value in parameters.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            leaves.update(value[0])
        elif isinstance(value, list | tuple):
            leaves[name] = value[0] if len(value) == 1 else list(value)
    return leaves


def _same(wanted: object, claimed: object) -> bool:
    if isinstance(wanted, dict):
        return any(_same(one, claimed) for one in wanted["any"])
    if isinstance(wanted, str):
        pattern = "".join(
            ".*" if part == "*" else re.escape(part) for part in re.split(r"(\*)", wanted)
        )
        return re.fullmatch(pattern, str(claimed), re.IGNORECASE) is not None
    return wanted == claimed and isinstance(wanted, bool) == isinstance(claimed, bool)


def _forbidden(rule: Row, found: Sequence[Row]) -> Iterator[str]:
    for one in found:
        said = json.dumps(
            [one["resource_name"], one["application"], one["parameters"]], ensure_ascii=False
        )
        yield from (text for text in rule.get("strings", []) if text in f"{one['resource_name']} {one['application']}"
                    or (len(text) > 2 and text in said))  # fmt: skip
        yield from (name for name in rule.get("types", []) if name == one["resource_type"])
        yield from (name for name in rule.get("environment", []) if name == one["environment"])
        values = list(_leaves(one["parameters"]).values())
        yield from (
            str(value) for value in rule.get("parameters", {}).get("*", []) if value in values
        )

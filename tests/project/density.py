"""A budget for what one function decides: `python -m tests.project.density` (part of `make lint`).

Counts what ruff's C901 does not see, comprehensions with their conditions and boolean operators, together with what it sees.
`density.baseline` holds the functions that were above the budget when it was set, with what they had: a number there may fall
and never rise, and who brings one under the budget takes its line out. `--write` does both.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
BASELINE = Path(__file__).with_name("density.baseline")
PACKAGES = ("provisioning", "infrallm_portal")
MOST_BRANCH_POINTS = 12
MOST_COMPREHENSIONS = 2

BRANCHES = (
    ast.If,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ExceptHandler,
    ast.IfExp,
    ast.Assert,
    ast.match_case,
)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Density(NamedTuple):
    branch_points: int
    comprehensions: int

    @property
    def too_dense(self) -> bool:
        return self.branch_points > MOST_BRANCH_POINTS or self.comprehensions > MOST_COMPREHENSIONS

    def above(self, allowed: "Density") -> bool:
        return (
            self.branch_points > allowed.branch_points
            or self.comprehensions > allowed.comprehensions
        )


def density(function: ast.AST) -> Density:
    points = comprehensions = 0
    for node in ast.walk(function):
        if isinstance(node, BRANCHES):
            points += 1
        elif isinstance(node, ast.comprehension):
            comprehensions += 1
            points += 1 + len(node.ifs)
        elif isinstance(node, ast.BoolOp):
            points += len(node.values) - 1
    return Density(points, comprehensions)


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every function with its name within the module; what is inside another counts there as well."""
    for node in ast.iter_child_nodes(tree):
        name = prefix
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            name = f"{prefix}.{node.name}" if prefix else node.name
        if isinstance(node, FUNCTIONS):
            yield name, node
        yield from functions(node, name)


def too_dense() -> dict[str, Density]:
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for name, function in functions(ast.parse(path.read_text())):
                measured = density(function)
                if measured.too_dense:
                    found[f"{path.relative_to(ROOT)}:{name}"] = measured
    return found


def baseline() -> dict[str, Density]:
    known = {}
    for line in BASELINE.read_text().splitlines():
        points, comprehensions, where = line.split(maxsplit=2)
        known[where] = Density(int(points), int(comprehensions))
    return known


def complaints(found: Mapping[str, Density], known: Mapping[str, Density]) -> Iterator[str]:
    for where, measured in found.items():
        allowed = known.get(where, Density(MOST_BRANCH_POINTS, MOST_COMPREHENSIONS))
        if measured.above(allowed):
            yield (
                f"{where}: {measured.branch_points} branch points (at most {allowed.branch_points}), "
                f"{measured.comprehensions} comprehensions (at most {allowed.comprehensions})"
            )
    for where in sorted(known.keys() - found.keys()):
        yield f"{where} is within the budget: take its line out of {BASELINE.name}"


def write(found: Mapping[str, Density]) -> None:
    lines = [
        f"{one.branch_points} {one.comprehensions} {where}" for where, one in sorted(found.items())
    ]
    BASELINE.write_text("".join(f"{line}\n" for line in lines))


def main() -> int:
    found = too_dense()
    if "--write" in sys.argv:
        write(found)
        return 0
    wrong = list(complaints(found, baseline()))
    sys.stderr.write("".join(f"{line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

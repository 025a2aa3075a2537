"""The counter of `make lint` counts what it says. Whether the code is within the budget, `make lint` itself tells."""

import ast

import pytest

from tests.project.density import Density, complaints, density


@pytest.mark.parametrize(
    ("code", "points", "comprehensions"),
    [
        ("return 1", 0, 0),
        ("return a and b and c", 2, 0),
        ("return [x for x in y if x]", 2, 1),
        ("return [z for x in y for z in x]", 2, 2),
        ("if a:\n    return b if c else d", 2, 0),
        ("for x in y:\n    pass\ntry:\n    pass\nexcept E:\n    pass", 2, 0),
    ],
)
def test_what_is_counted(code: str, points: int, comprehensions: int) -> None:
    assert density(ast.parse(code)) == Density(points, comprehensions)


def test_a_function_above_the_budget_is_named_and_one_that_grew_too() -> None:
    known = {"a.py:old": Density(14, 1), "a.py:better": Density(20, 1)}
    found = {"a.py:old": Density(15, 1), "a.py:new": Density(2, 3)}

    assert [line.split(" ")[0].rstrip(":") for line in complaints(found, known)] == [
        "a.py:old",
        "a.py:new",
        "a.py:better",
    ]

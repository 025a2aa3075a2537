"""No text stalls the portal: twice the text is at most little more than twice the work. Figures: bench/reading.py."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from provisioning.adapters.rules import Rules
from provisioning.adapters.rules.refusals import CODE
from provisioning.domain import Submission
from tests.support.built_in import CATALOG

SHORT, LONG = 1_000, 2_000
GROWTH = 2.6  # twice, and the rest of a text's last unit
UNITS = (
    "的", "a ", "a: ", "to ", "of\n", "queue for ", "queue was ", "not a queue, ", "redis 5 gb in prod, ", "key: ",
    "delete it ", "x delete the queue ", "namespace in the cluster ", "5x-", "min 100 max key\n", "rabbitmq ",
    "postgres and mysql 3 ", "instead of queue ", "every 5 minutes ", "bucket-table-", "prod and dev ", "is down ",
)  # fmt: skip


def lines_run(call: Callable[[], object]) -> int:
    """How many lines of Python a call runs, loops of comprehensions included."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


@pytest.fixture(scope="module")
def rules() -> Rules:
    rules = Rules(CATALOG)
    rules.read(Submission("a queue", "ana@example.com"), CATALOG)
    return rules


@pytest.mark.parametrize("unit", UNITS)
def test_twice_the_text_is_twice_the_work(rules: Rules, unit: str) -> None:
    def read(length: int) -> None:
        rules.read(Submission((unit * length)[:length], "ana@example.com"), CATALOG)

    short, long = (lines_run(lambda size=size: read(size)) for size in (SHORT, LONG))  # type: ignore[misc]
    assert long <= GROWTH * short + 1_000


def test_the_pattern_of_code_looks_at_blanks_a_bounded_number_of_times() -> None:
    """An unbounded repetition of blanks before something else is looked for from each of them anew."""
    assert r"\s*" not in CODE.pattern
    assert r"\s+" not in CODE.pattern

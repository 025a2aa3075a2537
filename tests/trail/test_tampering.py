"""Sixty random tamperings, each another one; `python -m bench.trail` tries 2,000."""

import random

import pytest

from tests.trail.tampering import DEEP, PLAIN, tampered

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", range(6))
def test_a_random_tampering_is_found_as_promised(seed: int) -> None:
    missed = [
        number for number in range(seed * 10, seed * 10 + 10) if not tampered(random.Random(number))
    ]
    assert missed == []


def test_each_kind_is_among_those() -> None:
    chosen = {random.Random(number).choice([*PLAIN, *DEEP]) for number in range(60)}
    assert chosen == {*PLAIN, *DEEP}

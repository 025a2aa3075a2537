"""The limits hold across processes, each with a connection of its own."""

from collections.abc import Callable
from multiprocessing import get_context

import pytest
from django.db import connections

from provisioning.identity import limits
from provisioning.identity.limits import Kind

PROCESSES, CALLS, LIMIT = 4, 50, 50


def passed(calls: int) -> int:
    found = [limits.count(Kind.PROVISION, "token ci") for _ in range(calls)]
    connections.close_all()
    return sum(not one.is_exceeded for one in found if one is not None)


@pytest.mark.django_db(transaction=True)
def test_of_200_calls_from_four_processes_exactly_50_pass(portal: Callable[..., None]) -> None:
    portal(provisions_per_minute=LIMIT)
    connections.close_all()  # a connection that is forked is shared, and then neither's
    with get_context("fork").Pool(PROCESSES) as pool:
        assert sum(pool.map(passed, [CALLS] * PROCESSES)) == LIMIT

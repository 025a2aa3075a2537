"""How often a caller may do something, exact across processes and hosts: one statement in Postgres decides each call.

Caches count by get and set, which lets through what comes between the two; measured, 4 processes let 20 pass for 5.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from django.db import connection

from provisioning import wiring
from provisioning.domain.identity import Caller
from provisioning.trail.addresses import network

SECONDS = 60

# A window begins with its first call, by Postgres's clock, and holds for a minute.
COUNT = """
    INSERT INTO provisioning_ratewindow AS known (key, began, count) VALUES (%s, clock_timestamp(), 1)
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN known.began > clock_timestamp() - interval '1 minute'
                     THEN known.count + 1 ELSE 1 END,
        began = CASE WHEN known.began > clock_timestamp() - interval '1 minute'
                     THEN known.began ELSE clock_timestamp() END
    RETURNING count, 60 - EXTRACT(epoch FROM clock_timestamp() - began)
"""
FORGET = "DELETE FROM provisioning_ratewindow WHERE began < clock_timestamp() - interval '1 hour'"


class Kind(StrEnum):
    PROVISION = "provision"
    DRY_RUN = "dry_run"
    READ = "read"
    SIGN_IN = "sign_in"
    REFUSAL = "refusal"


@dataclass(frozen=True, slots=True)
class Allowance:
    """`remaining` is negative for a call that is one too many; `reset` is in seconds."""

    kind: Kind
    limit: int
    remaining: int
    reset: int

    @property
    def is_exceeded(self) -> bool:
        return self.remaining < 0


def count(kind: Kind, who: str, times: int = 1) -> Allowance | None:
    """Counts one call and says what is left. None where the settings set no limit for the kind. `times` is for who stands
    for so many callers."""
    limit = limit_of(kind) * times
    if limit == 0:
        return None
    with connection.cursor() as cursor:
        # The column's length: a caller's name may come from outside.
        cursor.execute(COUNT, [f"{kind.value} {who}"[:200]])
        used, seconds = cursor.fetchone()
    return Allowance(kind, limit, limit - used, max(1, ceil(seconds)))


def key_of(caller: Caller, address: str) -> str:
    """A token by itself, a person by themselves, and whoever is nobody in particular by their address."""
    if caller.client:
        return f"token {caller.client}"
    if caller.user is not None:
        return f"user {caller.user}"
    return f"address {network(address)}"


def forget_old_windows() -> None:
    """Callers that stay away leave a row behind."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)


def limit_of(kind: Kind) -> int:
    """0 for none."""
    portal = wiring.portal()
    limits = {
        Kind.PROVISION: portal.provisions_per_minute,
        Kind.DRY_RUN: portal.dry_runs_per_minute,
        Kind.READ: portal.reads_per_minute,
        Kind.SIGN_IN: portal.sign_ins_per_minute,
        Kind.REFUSAL: portal.refusals_per_minute,
    }
    return limits[kind]

"""Figures of the trail, on a database of its own: python -m bench.trail [--events N] [--tamperings N]

Writing with eight writers, sealing, verifying, each filter of the audit list on its first, a deep and its last page, an export,
and how many random tamperings are found.
"""

import argparse
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from infrallm_portal.dev.devdb import UNSAFE_FAST, Cluster
from tests.support import own_settings

WRITERS, EACH = 8, 250
PAGES_TIMED = 15
# As the portal writes them, in bulk: what is measured is reading.
FILL = """
    WITH event AS (
        INSERT INTO provisioning_trailevent
            (at, action, target_kind, target, source, result, data, personal_digest)
        SELECT clock_timestamp() - (%(count)s - n) * interval '10 seconds',
            (ARRAY['request.queued','request.completed','token.issued','signin.succeeded','access.denied'])[1 + n %% 5],
            'request', 'req-' || lpad(to_hex(n / 5), 12, '0'),
            (ARRAY['session','token','web','system','backstage_verified'])[1 + n %% 5], 'done',
            jsonb_build_object('version', n %% 7),
            encode(sha256(convert_to(repeat('0', 32) || '{"actor":"person ' || n %% 500
                || '","address":"192.0.2.' || n %% 250
                || '","agent":"","client":"","on_behalf_of":""}', 'UTF8')), 'hex')
        FROM generate_series(1, %(count)s) AS n RETURNING id
    ), numbered AS (SELECT id, row_number() OVER (ORDER BY id) AS n FROM event
    ), personal AS (
        INSERT INTO provisioning_trailpersonal (event_id, salt, actor, on_behalf_of, client, address, agent)
        SELECT id, repeat('0', 32), 'person ' || n %% 500, '', '', '192.0.2.' || n %% 250, '' FROM numbered
    )
    INSERT INTO provisioning_trailunsealed (event_id) SELECT id FROM event
"""


def timed(what: str, act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    took = time.perf_counter() - began
    print(f"{what}: {took:.2f} s")
    return took


def write() -> None:
    from django.db import connection, transaction

    from provisioning.trail import record
    from provisioning.trail.record import TrailEntry

    def one_writer(_: int) -> list[float]:
        took = []
        for number in range(EACH):
            with transaction.atomic():
                began = time.perf_counter()
                record.record(TrailEntry("token.issued", "token", f"infp_{number}"), actor="ana")
                took.append(time.perf_counter() - began)
        connection.close()
        return took

    with ThreadPoolExecutor(1) as alone:
        single = alone.submit(one_writer, 0).result()
    with ThreadPoolExecutor(WRITERS) as pool:
        found = [one for many in pool.map(one_writer, range(WRITERS)) for one in many]
    print(f"writing, one writer: p50 {1000 * statistics.median(single):.2f} ms")
    print(f"writing, {WRITERS} writers: p50 {1000 * statistics.median(found):.2f} ms")


def waits_for_nobody() -> None:
    """A writer whose transaction stays open holds up no other one."""
    from django.db import connection, transaction

    from provisioning.trail import record
    from provisioning.trail.record import TrailEntry

    def write_one() -> float:
        began = time.perf_counter()
        record.record(TrailEntry("token.issued"))
        connection.close()
        return time.perf_counter() - began

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        record.record(TrailEntry("token.issued"))
        took = pool.submit(write_one).result(timeout=10)
    print(f"writing beside an open transaction: {1000 * took:.1f} ms, connection included")


def pages(last: int) -> None:
    from provisioning.trail.reading import filtered, one_page

    wanted = {
        "none": {},
        "actor": {"actor": "person 7"},
        "action": {"action": "access.denied"},
        "target": {"target": "req-000000000007"},
        "source": {"source": "token"},
        "address": {"address": "192.0.2.7"},
        "time": {"from": "2000-01-01", "to": "2100-01-01"},
        "actor and action": {"actor": "person 9", "action": "access.denied"},
        "nobody": {"actor": "nobody"},
    }
    for name, filters in wanted.items():
        found = filtered(filters)
        shown = []
        for place, before in (("first", 0), ("deep", last // 2), ("last", 60)):
            shown.append(f"{place} {_p50(partial(one_page, found, before)):.1f}")
        print(f"list by {name}, ms p50: {', '.join(shown)}")


def _p50(act: Callable[[], object]) -> float:
    took = []
    for _ in range(PAGES_TIMED):
        began = time.perf_counter()
        act()
        took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def export() -> None:
    from provisioning.trail.reading import exported, filtered

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = sum(1 for _ in exported(filtered({})))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"exported {count:,} rows, peak memory grew by {grown / 1024:.0f} MiB")


def tamper(times: int) -> None:
    from tests.trail.tampering import tampered

    seen = [tampered(random.Random(number)) for number in range(times)]
    print(f"tamperings found: {sum(seen):,} of {times:,}")


def run(events: int, tamperings: int) -> None:
    from django.core.management import call_command
    from django.db import connection

    from provisioning.models import TrailEvent
    from provisioning.trail.seal import seal_committed
    from provisioning.trail.verify import verify

    call_command("migrate", verbosity=0)
    if tamperings:
        timed("tampering", lambda: tamper(tamperings))
    write()
    waits_for_nobody()
    with connection.cursor() as cursor:
        timed(f"filling in {events:,} events", lambda: cursor.execute(FILL, {"count": events}))
        cursor.execute("ANALYZE")
    timed("sealing", seal_committed)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    timed("verifying", lambda: print(verify()))
    pages(TrailEvent.objects.latest("id").pk)
    timed("exporting", export)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=1_000_000)
    arguments.add_argument("--tamperings", type=int, default=2_000)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="infrallm-bench-") as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "postgres", UNSAFE_FAST)
        cluster.start()
        try:
            own_settings.use(Path(folder), cluster.url())
            run(given.events, given.tamperings)
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()

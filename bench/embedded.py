"""The embedded Git at many pull requests: place and open, and the page that lists them, at 100 and at 10,000.

    python -m bench.embedded [--many 10000] [--samples 20]

Fails where a place and open at many costs more than 1.5 times that at 100, or the page more than 50 ms of processor time.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.queue_portal import portal
from provisioning.adapters.local_git import LocalGit, pulls
from provisioning.adapters.local_git.pulls import RECORD, LocalPullRequest

if TYPE_CHECKING:
    from provisioning.models import ProvisionRequest

FEW, GROWTH, PAGE_SECONDS = 100, 1.5, 0.05


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--many", type=int, default=10_000)
    parser.add_argument("--samples", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="infrallm-bench-") as place, portal(Path(place)):
        few = at(FEW, chosen.samples)
        many = at(chosen.many, chosen.samples)
        page = listed()
    ratio = many / few
    print(
        f"place and open: {1000 * few:.0f} ms at {FEW}, {1000 * many:.0f} ms at {chosen.many}: "
        f"{ratio:.2f} times (bar {GROWTH}); /pulls {1000 * page:.0f} ms (bar 50)"
    )
    return ratio > GROWTH or page > PAGE_SECONDS


def at(count: int, samples: int) -> float:
    """The median processor time of this process and the git processes that it waited for."""
    from provisioning import wiring

    repository = wiring.local_repository()
    fill(count)
    first = 1_000_000 + count
    return statistics.median(one(repository, first + number) for number in range(samples))


def one(repository: LocalGit, number: int) -> float:
    from provisioning.domain import PlacementQuery
    from tests.support.pull_request_hosts import a_change

    directory = f"terraform/dev/s3/b{number}"
    files = {f"{directory}/{name}.tf": "x\n" * 100 for name in ("main", "outputs", "variables")}
    change = a_change(f"req-{number:012x}", f"b{number}", directories=(directory,), files=files)
    started = cpu()
    repository.place(PlacementQuery(change.request_id, [change.branch], [directory]))
    repository.open(change)
    return cpu() - started


def cpu() -> float:
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def fill(count: int) -> None:
    """Up to so many, in one stream for git: opening each would take an hour and measure nothing else."""
    from provisioning import wiring
    from provisioning.models import ProvisionRequest, PullRequest

    repository = wiring.local_repository()
    with repository._repository.writing() as git:
        new = range(pulls.next_number(git), count + 1)
    rows = [ProvisionRequest(text="bench", requester="bench", status="completed") for _ in new]
    ProvisionRequest.objects.bulk_create(rows, 500)
    opened = [
        PullRequest(
            repository=wiring.repository(),
            provision_request=row,
            number=number,
            url=f"http://localhost/pulls/{number}",
            commit_sha="0" * 40,
            directories=[f"terraform/dev/s3/a{number}"],
        )
        for number, row in zip(new, rows, strict=True)
    ]
    PullRequest.objects.bulk_create(opened, 500)
    with repository._repository.writing() as git:
        base = repository._repository.base_commit(git)
        stream = seeded(base, new, rows)
        made = git.run("fast-import", "--quiet", "--force", "--done", stdin=stream).decode().split()
        git.run("pack-refs", "--all", "--prune")
        names = git.references()
        for number, row, record, head in zip(new, rows, made[0::2], made[1::2], strict=True):
            directory = f"terraform/dev/s3/a{number}"
            own = (pulls.request_ref(row.request_id), pulls.directory_ref(directory))
            names |= dict.fromkeys((*own, pulls.record_ref(number), pulls.LAST), record)
            names |= dict.fromkeys((pulls.head_ref(number), f"refs/heads/a{number}"), head)
        lines = "".join(f"{sha} {name}\n" for name, sha in sorted(names.items()))
        packed = f"# pack-refs with: peeled fully-peeled sorted \n{lines}"
        (repository.path / "packed-refs").write_text(packed)


def seeded(base: str, new: range, rows: "list[ProvisionRequest]") -> bytes:
    """For git-fast-import(1), which says the hash of each record and each commit."""
    parts: list[bytes] = []
    for number, row in zip(new, rows, strict=True):
        record = RECORD.dump_json(a_record(base, number, row.request_id))
        parts.append(b"blob\nmark :1\ndata %d\n%s\nget-mark :1\n" % (len(record), record))
        parts.append(b"commit refs/seed\nmark :2\ncommitter B <b@b> 1 +0000\ndata 1\nx\n")
        file = b'M 100644 inline "terraform/dev/s3/a%d/main.tf"\ndata 2\nx\n\n' % number
        parts.append(b"from %s\n%sget-mark :2\n" % (base.encode(), file))
    return b"".join(parts) + b"done\n"


def a_record(base: str, number: int, request_id: str) -> LocalPullRequest:
    return LocalPullRequest(
        number=number,
        request_id=request_id,
        branch=f"a{number}",
        title=f"Add a{number}",
        body="x" * 2000,
        created_at=datetime.now(UTC),
        head_sha=base,
        base_sha=base,
        directories=(f"terraform/dev/s3/a{number}",),
    )


def listed() -> float:
    """The platform team's page, the median of some."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.create_superuser("bench"))
    spent = []
    for _ in range(12):
        started = time.process_time()
        assert client.get("/pulls", headers={"host": "localhost"}).status_code == 200
        spent.append(time.process_time() - started)
    return statistics.median(spent[2:])


if __name__ == "__main__":
    sys.exit(main())

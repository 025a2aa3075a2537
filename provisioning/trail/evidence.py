"""One archive of a stretch of the trail that an auditor checks without the portal."""

import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.db.models import Max, Min

from provisioning.models import PullRequest, TrailCheckpoint, TrailSeal
from provisioning.trail.checkpoints import as_line
from provisioning.trail.digests import GENESIS, SEALED_FIELDS
from provisioning.trail.verify import CHUNK, PERSONAL, chain_rows

VERIFIER = "check_evidence.py"
README = """An extract of the portal's trail, records {first} to {last}.

    python3 {verifier} events.jsonl checkpoints.jsonl

needs Python 3 and nothing else. It names the first record that is not what was sealed, and says up to
which record checkpoints vouch for the chain. The signature of a checkpoint is Ed25519 over the JSON of
its number, digest and at (keys sorted, no spaces); receipts.jsonl has the pull requests with the head
that each holds in its commit (trailer InfraLLM-Trail): compare them with the repository.
"""


def write(path: Path, since: datetime, until: datetime) -> int:
    """The records of the events in [since, until), in constant memory; how many. No file where there is none."""
    numbers = TrailSeal.objects.filter(event__at__gte=since, event__at__lt=until)
    ends = numbers.aggregate(first=Min("number"), last=Max("number"))
    first, last = ends["first"], ends["last"]
    if first is None:
        return 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        _lines(archive, "events.jsonl", _events(first, last))
        _lines(archive, "checkpoints.jsonl", map(as_line, _checkpoints(first, last)))
        _lines(archive, "receipts.jsonl", _receipts(since, until))
        # The verifier travels along: an auditor need not trust, or have, this portal.
        verifier = files("provisioning.trail").joinpath(VERIFIER).read_text()
        archive.writestr(VERIFIER, verifier)
        archive.writestr("README.txt", README.format(first=first, last=last, verifier=VERIFIER))
    return int(last - first + 1)


def _lines(archive: zipfile.ZipFile, name: str, lines: Iterator[str]) -> None:
    # How long it gets is not known before it is written, and beyond 2 GB the old format ends.
    with archive.open(name, "w", force_zip64=True) as file:
        for line in lines:
            file.write(line.encode() + b"\n")


def _events(first: int, last: int) -> Iterator[str]:
    """The first line is what the chain stood at before."""
    before = TrailSeal.objects.filter(number=first - 1).first()
    begins = {"before": first - 1, "digest": before.digest if before else GENESIS}
    yield json.dumps(begins)
    for row in chain_rows(first, last):
        yield json.dumps(_as_written(row))


def _as_written(row: tuple[Any, ...]) -> dict[str, Any]:
    personal = None
    if row[12] is not None:
        personal = {"salt": row[12], **dict(zip(PERSONAL, row[13:18], strict=True))}
    sealed = dict(zip(SEALED_FIELDS, row[3:12], strict=True))
    return {"number": row[0], "digest": row[2], "sealed": sealed, "personal": personal}


def _checkpoints(first: int, last: int) -> Iterator[TrailCheckpoint]:
    return TrailCheckpoint.objects.filter(number__range=(first, last)).order_by("number").iterator()


def _receipts(since: datetime, until: datetime) -> Iterator[str]:
    opened = PullRequest.objects.filter(opened_at__gte=since, opened_at__lt=until)
    for row in opened.select_related("provision_request").order_by("pk").iterator(CHUNK):
        yield json.dumps(
            {
                "request_id": row.provision_request.request_id,
                "url": row.url,
                "commit": row.commit_sha,
                "state": row.state,
                "opened_at": row.opened_at.isoformat(),
                "trail": row.provision_request.trail_head,
            }
        )

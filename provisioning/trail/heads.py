"""The head of the chain, and what others keep of it: a database that somebody rewrote contradicts them.

A head is `number:digest` of one record. Pull requests hold one in their commits, checkpoints are signed.
"""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from provisioning.domain import TRAIL_TRAILER
from provisioning.models import TrailSeal
from provisioning.trail.digests import canonical

# At most 18 digits, so that a number out of a commit fits a bigint.
HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")
SIGNED_FIELDS = ("number", "digest", "at")
# A log of all commits of a large repository, read once.
LONGEST_LOG_SECONDS = 300


class WitnessError(Exception):
    """What was kept elsewhere cannot be read; the message says what and why."""


def head() -> str:
    """Of what is sealed now; empty before the first record."""
    last = TrailSeal.objects.order_by("-number").first()
    return f"{last.number}:{last.digest}" if last else ""


def of_clone(folder: Path) -> dict[int, str]:
    """The heads in the commits of a clone's branches, by number. Raises `WitnessError`."""
    trailer = f"%(trailers:key={TRAIL_TRAILER},valueonly)"
    # All branches: a pull request that was not merged holds a head, too.
    command = ["git", "-C", str(folder), "log", "--all", f"--format={trailer}"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LONGEST_LOG_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise WitnessError(f"{folder}: its log cannot be read: {error}") from None
    return dict(_heads(done.stdout.splitlines()))


def of_checkpoints(lines: Iterable[str], key: Ed25519PublicKey) -> dict[int, str]:
    """The heads of checkpoints, one in a line. Raises `WitnessError` for one that was not signed with the key."""
    known = {}
    for number, line in enumerate(lines, 1):
        try:
            signed = json.loads(line)
            content = {name: signed[name] for name in SIGNED_FIELDS}
            key.verify(bytes.fromhex(signed["signature"]), canonical(content))
            known[int(signed["number"])] = str(signed["digest"])
        except (ValueError, KeyError, TypeError, InvalidSignature):
            reason = "is no checkpoint, or was signed with another key"
            raise WitnessError(f"Line {number} {reason}.") from None
    return known


def _heads(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for line in lines:
        # Anybody who commits can write the trailer; what is no head proves nothing.
        found = HEAD.fullmatch(line.strip())
        if found:
            yield int(found[1]), found[2]

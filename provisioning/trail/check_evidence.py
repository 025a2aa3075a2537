"""Checks an extract of the trail with the standard library alone: python3 check_evidence.py events.jsonl checkpoints.jsonl

Written into the archive of `manage.py audit evidence`; it imports nothing of the portal, on purpose.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any


def canonical(values: Any) -> bytes:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def fault_of(record: dict[str, Any], number: int, digest: str) -> str:
    """What is wrong with the record that has to follow; empty where nothing is."""
    if record["number"] != number + 1:
        return f"Record {number + 1} is missing."
    link = hashlib.sha256(digest.encode() + canonical(record["sealed"])).hexdigest()
    if link != record["digest"]:
        return f"Record {number + 1} is not what was sealed."
    # Erased details are no fault: their digest stays in the sealed part.
    personal = dict(record["personal"] or {})
    if not personal:
        return ""
    salt = personal.pop("salt")
    found = hashlib.sha256(salt.encode() + canonical(personal)).hexdigest()
    if found != record["sealed"]["personal_digest"]:
        return f"Record {number + 1}: who did it was changed."
    return ""


def main(events: str, checkpoints: str) -> str:
    with Path(checkpoints).open(encoding="utf-8") as lines:
        # Without the signatures: the standard library has no Ed25519.
        witnesses = {one["number"]: one["digest"] for one in map(json.loads, lines)}
    vouched = 0
    with Path(events).open(encoding="utf-8") as lines:
        begin = json.loads(next(lines))
        number, digest = begin["before"], begin["digest"]
        for record in map(json.loads, lines):
            fault = fault_of(record, number, digest)
            if fault:
                return fault
            number, digest = record["number"], record["digest"]
            if witnesses.get(number, digest) != digest:
                return f"Record {number} is not what its checkpoint says: the chain was rewritten."
            if number in witnesses:
                vouched = number
    if witnesses and number < max(witnesses):
        return f"Record {max(witnesses)} has a checkpoint and is not here: the chain was cut."
    by_whom = f"Checkpoints vouch for them up to record {vouched}." if vouched else "No checkpoint."
    first = begin["before"] + 1
    sys.stdout.write(f"Records {first} to {number} are as they were sealed. {by_whom}\n")
    return ""


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]) or None)

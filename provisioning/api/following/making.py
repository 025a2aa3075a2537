"""Bodies for heads: kept ones where they still hold, the others made of what `Whole` rows say."""

import json
from collections.abc import Iterable, Sequence

from provisioning.api.following.kept import bodies
from provisioning.api.following.rows import RequestHead, Whole
from provisioning.api.following.status_body import body_of
from provisioning.api.following.tags import tag_of
from provisioning.models import TERMINAL, ProvisionRequest, Status
from provisioning.operations import snapshot

PATH = "/requests/"


def not_kept(heads: Iterable[RequestHead], base: str) -> list[int]:
    """The ids of those whose rows have to be read."""
    return [head.id for head in heads if _kept(head, base) is None]


def bodies_for(
    heads: Sequence[RequestHead], rows: Iterable[Whole], base: str, *, with_waiting: bool = False
) -> list[bytes]:
    """In the order of `heads`; one that was gone when its row was read is left out."""
    by_id = {row.id: row for row in rows}
    found: list[bytes] = []
    for head in heads:
        body = _body(head, by_id.get(head.id), base, with_waiting)
        if body is not None:
            found.append(body)
    return found


def _kept(head: RequestHead, base: str) -> bytes | None:
    tag = tag_of(head, base) if head.status in TERMINAL else None
    return bodies.get(tag) if tag else None


def _body(head: RequestHead, row: Whole | None, base: str, with_waiting: bool) -> bytes | None:
    kept = _kept(head, base)
    if kept is not None or row is None:
        return kept
    waiting = why_waiting(row) if with_waiting else None
    made = encoded(body_of(row, f"{base}{PATH}{row.request_id}", waiting))
    # A row that moved on since its head was read would be kept under the tag of what it was.
    if row.status in TERMINAL and row.version == head.version:
        tag = tag_of(head, base)
        if tag:
            bodies.keep(tag, made)
    return made


def why_waiting(row: Whole) -> str | None:
    if row.status != Status.QUEUED:
        return None
    asked = ProvisionRequest(
        status=row.status,
        wake_at=row.wake_at,
        error_code=row.error_code,
        attempt=row.attempt,
        waiting_since=row.waiting_since,
        waiting_for=row.waiting_for,
        team=row.team,
        requester=row.requester,
    )
    return snapshot.why_queued(asked, is_worked=row.is_worked) or None


def encoded(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

"""What becomes of a pull request after it was opened: webhooks hint, looks decide, a schedule makes up for lost hints.

A look reads the host's whole state, so deliveries may be lost, doubled, late or out of order.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django_q.tasks import async_task

from provisioning import wiring
from provisioning.domain import OpenedPullRequest, PullRequestState
from provisioning.domain.legible import legible_json
from provisioning.errors import BadSignatureError, InvalidInputError, PortalError
from provisioning.models import (
    ProvisionRequest,
    PullRequest,
    WebhookDelivery,
    as_json,
    database_now,
)
from provisioning.pipeline.transitions import (
    Happening,
    WebhookTarget,
    diff_states,
    merge_state,
    signed,
    webhook_target,
)

logger = logging.getLogger(__name__)
LANE = "reconcile"
LOOK = "provisioning.pull_requests.sync.sync_pull_request"
# Webhooks tell sooner; where none comes, an open one is seen within minutes. A closed one is seldom opened again.
OPEN_AGAIN, CLOSED_AGAIN = timedelta(minutes=5), timedelta(hours=6)
# A look costs a call of the shared limit, and after two weeks nobody waits for it.
CLOSED_FOR_GOOD = timedelta(days=14)
# Longer than GitHub offers a delivery for another try.
DELIVERIES_KEPT = timedelta(days=30)
# One turn of the clock puts in the queue what one lane works off before the next.
LOOKS_AT_ONCE = 100


def record_opened(row: ProvisionRequest, opened: OpenedPullRequest) -> None:
    """Remembers it once, however often it is opened."""
    values = {
        "repository": wiring.repository(),
        "number": opened.number,
        "url": opened.url,
        "commit_sha": opened.commit_sha,
        "state": opened.state,
        "directories": [one.directory for one in row.generated.resources] if row.generated else [],
    }
    PullRequest.objects.update_or_create(provision_request=row, defaults=values)


def receive(body: bytes, signature: str, delivery: str) -> int:
    """Checks the signature over the raw body, remembers the delivery and puts looks in the queue; returns how many. The
    same delivery again is 0. Raises `BadSignatureError` and `InvalidInputError`."""
    secret = wiring.portal().github_webhook_secret
    if not signed(secret.get_secret_value() if secret else "", body, signature):
        raise BadSignatureError(
            "The signature does not fit. GITHUB_WEBHOOK_SECRET must be the webhook's secret."
        )
    if not delivery or len(delivery) > 100 or not delivery.isprintable():
        raise InvalidInputError("X-GitHub-Delivery", "The header X-GitHub-Delivery is missing.")
    found = webhook_target(_payload(body))
    with transaction.atomic():
        _, new = WebhookDelivery.objects.get_or_create(delivery_id=delivery)
        return _look_soon(found) if new and found else 0


def _payload(body: bytes) -> Any:
    try:
        return legible_json(body)
    except ValueError as error:
        raise InvalidInputError(
            "body", "The body is not JSON; set the webhook's content type to application/json."
        ) from error


def _look_soon(found: WebhookTarget) -> int:
    """A number means something in its repository only. A commit's hash means the same everywhere, so the deliveries of one
    that was renamed or moved still fit."""
    repository = f"{wiring.portal().github_org}/{wiring.portal().github_repo}"
    ours = found.repository.lower() == repository.lower()
    meant = Q(commit_sha__in=found.commits) | Q(seen_json__head_sha__in=list(found.commits))
    if ours:
        meant |= Q(number__in=[number for number in found.numbers if number < 2**31])
    rows = list(for_current_repository().filter(meant).values_list("pk", flat=True)[:LOOKS_AT_ONCE])
    PullRequest.objects.filter(pk__in=rows).update(look_at=Now())
    for pk in rows:
        async_task(LOOK, pk, cluster=LANE)
    return len(rows)


def reconcile() -> int:
    """Puts a look in the queue for each pull request that is due, and forgets old deliveries. A schedule calls it."""
    due = for_current_repository().filter(look_at__lte=Now()).order_by("look_at")[:LOOKS_AT_ONCE]
    count = sum(map(_enqueue, due))
    if count == 0:
        WebhookDelivery.objects.filter(received_at__lt=timezone.now() - DELIVERIES_KEPT).delete()
    return count


def _enqueue(row: PullRequest) -> bool:
    with transaction.atomic():
        mine = PullRequest.objects.filter(pk=row.pk, look_at=row.look_at).update(
            look_at=Now() + OPEN_AGAIN
        )
        if mine:
            async_task(LOOK, row.pk, cluster=LANE)
    return bool(mine)


def sync_pull_request(pk: int) -> None:
    """Reads the host and writes what changed into the history. A second look at the same time loses nothing: of two, the
    one that began later is believed. Where the host does not answer, the schedule looks again."""
    row = for_current_repository().filter(pk=pk).first()
    if row is None:
        return
    at = database_now()
    try:
        seen, memory = wiring.pull_request_reader().read(row.number, at, row.memory)
    except PortalError as error:
        logger.warning("#%s could not be looked at: %s", row.number, error.message)
        wait = max(getattr(error, "retry_after", None) or 0, OPEN_AGAIN.total_seconds())
        again = Now() + timedelta(seconds=wait)
        _count_failure(pk, error.message, look_at=again, failing_since=_still_failing(at))
        return
    _merge(pk, seen, dict(memory))


def _count_failure(pk: int, sentence: str, **fields: Any) -> None:
    row = PullRequest.objects.filter(pk=pk)
    row.update(looks_failed=F("looks_failed") + 1, look_error=sentence, **fields)


def _still_failing(at: datetime) -> Coalesce:
    return Coalesce("failing_since", Value(at))


def for_current_repository() -> QuerySet[PullRequest]:
    """Those of the repository in the settings: after a change of it, old numbers mean something else there."""
    return PullRequest.objects.filter(repository=wiring.repository())


@transaction.atomic
def _merge(pk: int, seen: PullRequestState, memory: dict[str, Any]) -> None:
    row = PullRequest.objects.select_for_update().get(pk=pk)
    known = row.seen
    now = merge_state(known, seen)
    if known is not None and now is known:
        return
    row.state, row.seen_json, row.memory = now.state, as_json(now), memory
    row.look_at = _next_look(now, row.opened_at)
    row.look_error = ""
    if not seen.unread:
        row.failing_since = None
    row.save()
    if seen.unread or seen.refused:
        missed = dict.fromkeys((*seen.unread, *seen.refused))
        _count_failure(pk, f"Read without its {' and '.join(missed)}.")
    happened = diff_states(known or _as_opened(row, now), now)
    for sharer in row.sharers() if happened else ():
        _tell(sharer, happened, now)


def _tell(sharer: ProvisionRequest, happened: list[Happening], now: PullRequestState) -> None:
    for kind, sentence in happened:
        ended = kind in {"merged", "closed"} and now.ended_by
        sharer.note(sentence, now.ended_by if ended else "github")


def _as_opened(row: PullRequest, now: PullRequestState) -> PullRequestState:
    return PullRequestState("open", row.commit_sha, row.opened_at, draft=now.draft)


def _next_look(now: PullRequestState, opened_at: datetime) -> datetime | None:
    """Merged is for ever. A closed one may be opened again, which a lost webhook would hide; after two weeks nobody does."""
    if now.unread:
        return now.looked_at + OPEN_AGAIN
    if now.state == "merged":
        return None
    if now.state == "closed":
        fresh = now.looked_at - (now.ended_at or opened_at) < CLOSED_FOR_GOOD
        return now.looked_at + CLOSED_AGAIN if fresh else None
    return now.looked_at + OPEN_AGAIN

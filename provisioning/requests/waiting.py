"""What a request does when its attempt ended with an error: it fails, or it waits for what is outside.

Outages are bounded by elapsed time (OUTAGE_PATIENCE_HOURS), for how often one has asked says nothing about them. Attempts
that kill their worker are bounded by count (REQUEST_MAX_ATTEMPTS): one that ended in words does not count there.
"""

import random
from dataclasses import asdict
from datetime import timedelta

from provisioning import wiring
from provisioning.errors import (
    ClarificationNeededError,
    HostTurnError,
    PortalError,
    SameUnderwayError,
)
from provisioning.models import ProvisionRequest, Status, database_now
from provisioning.requests import services

SHORTEST_SECONDS, LONGEST_SECONDS = 2.0, 300.0


def fail_or_wait(claimed: ProvisionRequest, error: PortalError) -> None:
    if isinstance(error, SameUnderwayError):
        services.wait_for_the_same(claimed, error)
    elif isinstance(error, HostTurnError):
        _wait_for_turn(claimed, error)
    elif error.retryable:
        _wait(claimed, error)
    else:
        _fail(claimed, error)


def _wait_for_turn(claimed: ProvisionRequest, error: HostTurnError) -> None:
    """Nothing is wrong: neither patience nor attempts are used up."""
    claimed.advance(
        Status.QUEUED,
        error.message,
        lease_until=None,
        wake_at=database_now() + timedelta(seconds=error.seconds),
        waiting_since=None,
        attempt_limit=claimed.attempt_limit + 1,
        error_code=error.code,
    )


def _wait(claimed: ProvisionRequest, error: PortalError) -> None:
    now, service = database_now(), _service(claimed)
    known = claimed.waiting_since if claimed.waiting_for == service else None
    since = known or now
    patience = timedelta(hours=wiring.portal().outage_patience_hours)
    if now - since >= patience:
        hours = f"{patience / timedelta(hours=1):g}"
        message = f"{error.message} The portal has waited for {hours} hours."
        services.finish(claimed, "portal", error.code, message)
        return
    seconds = pause((now - since).total_seconds(), getattr(error, "retry_after", None))
    claimed.advance(
        Status.QUEUED,
        f"{error.message} Next attempt in {seconds:.0f} s.",
        lease_until=None,
        wake_at=now + timedelta(seconds=seconds),
        waiting_since=since,
        waiting_for=service,
        attempt_limit=claimed.attempt_limit + 1,
        error_code=error.code,
    )


def _service(claimed: ProvisionRequest) -> str:
    """What its phase needs. A later phase waits for something else, with new patience."""
    if claimed.status == Status.PARSING:
        return wiring.parser().name
    if claimed.status == Status.GENERATING:
        return wiring.checker().name
    return wiring.pull_requests().name


def _fail(claimed: ProvisionRequest, error: PortalError) -> None:
    asked = error.questions if isinstance(error, ClarificationNeededError) else ()
    questions = [asdict(question) for question in asked]
    services.finish(claimed, "portal", error.code, error.message, questions=questions)


def pause(waited: float, retry_after: float | None = None) -> float:
    """Seconds until the next attempt: about as long again as was waited already, which doubles it each time, with jitter
    (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), at most five minutes, and never fewer than
    the service asked for."""
    bound = min(LONGEST_SECONDS, max(SHORTEST_SECONDS, waited))
    return max(retry_after or 0.0, random.uniform(bound / 2, bound))  # noqa: S311  no secret

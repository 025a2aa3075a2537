"""What strangers are refused (a wrong token, a webhook's wrong signature) is recorded, and cannot fill the trail."""

from provisioning.errors import TooManyCallsError
from provisioning.identity import limits
from provisioning.identity.limits import Kind
from provisioning.trail import record
from provisioning.trail.addresses import network
from provisioning.trail.record import TrailEntry

# Whoever has many addresses writes no more than this many of them would.
ADDRESSES = 10


def note_refusal(entry: TrailEntry, address: str) -> None:
    """Raises `TooManyCallsError` for an address that had its refusals for this minute; that call leaves no event. Beyond what
    all addresses together may, calls are still refused in the same words, and leave none either."""
    # One's own bound first: a single address must not use up what all others have together.
    own = limits.count(Kind.REFUSAL, f"address {network(address)}")
    if own is not None and own.is_exceeded:
        raise TooManyCallsError(
            f"That was refused {own.limit} times in a minute. Try again in {own.reset} s.",
            own.reset,
        )
    together = limits.count(Kind.REFUSAL, "everybody", ADDRESSES)
    if together is None or not together.is_exceeded:
        record.record(entry)

"""A signed word a day on where the chain stood, for somebody to keep elsewhere."""

import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.utils import timezone

from provisioning import wiring
from provisioning.models import TrailCheckpoint, TrailSeal
from provisioning.trail.digests import canonical
from provisioning.trail.heads import WitnessError


def make_due() -> int:
    """One a day, where a key is set; how many were made. A schedule calls it each hour."""
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    if wiring.portal().trail_signing_key is None:
        return 0
    if TrailCheckpoint.objects.filter(at__gte=today).exists():
        return 0
    return int(make() is not None)


def make() -> TrailCheckpoint | None:
    """None while nothing is sealed, and where the head has one already. Raises `WitnessError` without a key."""
    key = private_key()
    last = TrailSeal.objects.order_by("-number").first()
    if last is None or TrailCheckpoint.objects.filter(number=last.number).exists():
        return None
    made = TrailCheckpoint(number=last.number, digest=last.digest, at=timezone.now())
    made.signature = key.sign(canonical(content(made))).hex()
    # With its key set, a plain save tries UPDATE first, which the portal's role may not.
    made.save(force_insert=True)
    return made


def content(checkpoint: TrailCheckpoint) -> dict[str, int | str]:
    """What is signed."""
    at = checkpoint.at.isoformat(timespec="microseconds")
    return {"number": checkpoint.number, "digest": checkpoint.digest, "at": at}


def as_line(checkpoint: TrailCheckpoint) -> str:
    return json.dumps({**content(checkpoint), "signature": checkpoint.signature})


def private_key() -> Ed25519PrivateKey:
    """Raises `WitnessError` where TRAIL_SIGNING_KEY is missing or no unencrypted Ed25519 key."""
    text = wiring.portal().trail_signing_key
    if text is None:
        raise WitnessError("TRAIL_SIGNING_KEY is not set: nothing signs a checkpoint.")
    try:
        key = load_pem_private_key(text.get_secret_value().encode(), password=None)
    except (ValueError, TypeError) as error:
        raise WitnessError(f"TRAIL_SIGNING_KEY cannot be read: {error}") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise WitnessError("TRAIL_SIGNING_KEY is no Ed25519 key.")
    return key


def public_key() -> Ed25519PublicKey:
    """Raises `WitnessError` as `private_key`."""
    return private_key().public_key()

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from provisioning import wiring
from provisioning.domain import Submission
from provisioning.domain.identity import Caller
from provisioning.errors import IdempotencyConflictError, InvalidInputError
from provisioning.identity.requesters import Requester
from provisioning.models import Preview, ProvisionRequest
from provisioning.requests.services.asking import asked_by
from provisioning.requests.services.previewing import previewed, refuse_outdated
from provisioning.requests.services.queueing import enqueue
from provisioning.requests.services.screening import digest, validate_submission
from provisioning.requests.services.visibility import visible_to


def submit(
    submission: Submission,
    *,
    caller: Caller | None = None,
    source: str = "api",
    idempotency_key: str | None = None,
    preview: str = "",
) -> ProvisionRequest:
    """The row and its place in the queue in one transaction: either both are there afterwards or neither.

    The same idempotency key with the same submission gives the same request again; with another one `IdempotencyConflictError`.
    `preview` is the token of what the requester saw: the pull request is then built from exactly that.
    Raises `InvalidInputError`, and `StalePreviewError` for the preview of anything else.
    """
    checked, requester = _checked(submission, caller)
    kept = previewed(preview, checked, caller)
    earlier = _earlier(checked, kept, idempotency_key)
    if earlier is not None:
        return earlier
    # Not before: the range of the same request, sent again, is its own.
    if kept is not None:
        refuse_outdated(kept)
    about = {
        "source": source,
        "idempotency_key": idempotency_key,
        "idempotency_digest": _digest(checked, kept),
        "requirements_json": kept.requirements_json if kept else None,
        "follow_up_of": _asked(checked.follow_up_of, caller),
        **_identity(caller, requester),
    }
    try:
        with transaction.atomic():
            return _created(checked, about)
    # Two calls with one key at once: Postgres lets one of them in, and the other finds its row.
    except IntegrityError:
        earlier = _earlier(checked, kept, idempotency_key)
        if earlier is None:
            raise
        return earlier


def _created(checked: Submission, about: Mapping[str, Any]) -> ProvisionRequest:
    made = ProvisionRequest.objects.create(
        text=checked.text,
        requester=checked.requester,
        team=checked.team,
        service=checked.service,
        environment=checked.environment or "",
        answers=dict(checked.answers),
        # Kept with the row, so that another setting changes no request that is under way.
        attempt_limit=wiring.portal().request_max_attempts,
        **about,
    )
    made.record(checked.requester, "Request received")
    enqueue(made)
    return made


def _checked(submission: Submission, caller: Caller | None) -> tuple[Submission, Requester | None]:
    """The portal asks for itself without a caller."""
    if caller is None:
        return validate_submission(submission), None
    return asked_by(caller, submission)


def _identity(caller: Caller | None, requester: Requester | None) -> dict[str, Any]:
    """What is kept of who called; nothing for the portal's own example."""
    if caller is None or requester is None:
        return {}
    return {
        "user_id": caller.user,
        "requester_ref": requester.ref,
        "identity_source": requester.source.value,
        "acting_client": caller.client,
    }


def _asked(request_id: str, caller: Caller | None) -> ProvisionRequest | None:
    """One that the caller may see; that there is another is not told."""
    if not request_id:
        return None
    visible = ProvisionRequest.objects.all() if caller is None else visible_to(caller)
    asked = visible.filter(request_id=request_id).first()
    if asked is None:
        raise InvalidInputError("follow_up_of", f"There is no request {request_id[:40]!r}.")
    return asked


def _digest(checked: Submission, kept: Preview | None) -> str:
    """What was changed in a preview makes another request of the same sentence."""
    return digest(checked, kept.edits if kept else None)


def _earlier(checked: Submission, kept: Preview | None, key: str | None) -> ProvisionRequest | None:
    if key is None:
        return None
    earlier = ProvisionRequest.objects.filter(
        requester=checked.requester, idempotency_key=key
    ).first()
    if earlier is not None and earlier.idempotency_digest != _digest(checked, kept):
        raise IdempotencyConflictError(
            "Idempotency-Key",
            f"This key was used for another request ({earlier.request_id}). Use a new key.",
        )
    return earlier

"""Each change of a request's state is an event of the trail, written by the same transaction."""

from django.dispatch import receiver

from provisioning.models import ProvisionRequest
from provisioning.models.signals import request_changed
from provisioning.trail import record
from provisioning.trail.record import TrailEntry


@receiver(request_changed, dispatch_uid="state_in_the_trail")
def state_changed(
    sender: type[ProvisionRequest], row: ProvisionRequest, actor: str, **_: object
) -> None:
    """The detail stays with the request: its sentences name people, and the trail's sealed part does not."""
    data: dict[str, int | str] = {"version": row.version, "attempt": row.attempt}
    if row.error_code:
        data["error_code"] = row.error_code
    entry = TrailEntry(f"request.{row.status}", "request", row.request_id, data=data)
    requester = row.requester if row.requester != actor else ""
    record.record(entry, actor=actor, on_behalf_of=requester)

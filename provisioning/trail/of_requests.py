"""Each change of a request's state is an event of the trail, written by the same transaction."""

from django.db.models.signals import post_save
from django.dispatch import receiver

from provisioning.models import RequestEvent
from provisioning.trail import record
from provisioning.trail.record import TrailEntry


@receiver(post_save, sender=RequestEvent, dispatch_uid="state_in_the_trail")
def state_changed(
    sender: type[RequestEvent], instance: RequestEvent, created: bool, raw: bool, **_: object
) -> None:
    """The detail stays with the request: its sentences name people, and the trail's sealed part does not."""
    if not created or raw:
        return
    row = instance.provision_request
    data: dict[str, int | str] = {"version": instance.version, "attempt": instance.attempt}
    if row.error_code:
        data["error_code"] = row.error_code
    entry = TrailEntry(f"request.{instance.status}", "request", row.request_id, data=data)
    requester = row.requester if row.requester != instance.actor else ""
    record.record(entry, actor=instance.actor, on_behalf_of=requester)

"""Each change of a request's state is an event of the trail, written by the same transaction."""

from collections.abc import Mapping
from typing import Any

from django.dispatch import receiver

from provisioning.domain.identity import IdentitySource
from provisioning.models import ProvisionRequest
from provisioning.models.moves import Addition, additions
from provisioning.models.signals import request_changed
from provisioning.trail import record
from provisioning.trail.record import EVENT, TrailEntry

BESIDE_A_MOVE = f", {EVENT.format(source='FROM moved')}"


@receiver(request_changed, dispatch_uid="state_in_the_trail")
def state_changed(
    sender: type[ProvisionRequest], row: ProvisionRequest, actor: str, **_: object
) -> None:
    about = {"status": row.status, "version": row.version, "error_code": row.error_code}
    record.record(_entry(row, about), **_who(row, actor))


def state_moved(row: ProvisionRequest, changed: Mapping[str, Any]) -> Addition:
    """By a worker, for the portal: in the statement that changes the state."""
    about = {"error_code": row.error_code, **changed}
    return Addition(BESIDE_A_MOVE, record.values_of(_entry(row, about), **_who(row, "portal")))


additions.append(state_moved)


def _entry(row: ProvisionRequest, about: Mapping[str, Any]) -> TrailEntry:
    """The detail stays with the request: its sentences name people, and the trail's sealed part does not."""
    data: dict[str, int | str] = {"version": about["version"], "attempt": row.attempt}
    if about["error_code"]:
        data["error_code"] = about["error_code"]
    return TrailEntry(
        f"request.{about['status']}",
        "request",
        row.request_id,
        data=data,
        source=_source(row, about),
    )


def _who(row: ProvisionRequest, actor: str) -> dict[str, str]:
    """A program that speaks for the requester acts, not they."""
    called = record.acting()
    if actor == row.requester and called not in {"", record.PORTAL.actor}:
        actor = called
    requester = row.requester if row.requester != actor else ""
    return {"actor": actor, "on_behalf_of": requester}


def _source(row: ProvisionRequest, about: Mapping[str, Any]) -> str:
    """That a program only said whose request it is holds for the request, whatever vouches for the program."""
    claimed = row.identity_source == IdentitySource.BACKSTAGE_CLAIMED and about["version"] == 1
    return row.identity_source if claimed else ""

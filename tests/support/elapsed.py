"""Time that passes at once: every stored instant is moved into the past, so that Postgres' own clock stays the one that all
code asks."""

from datetime import timedelta

from django.db.models import F

from provisioning.models import HostWrites, OpenDirectories, ProvisionRequest, PullRequest

INSTANTS = {
    ProvisionRequest: ("wake_at", "waiting_since", "lease_until", "created_at", "completed_at"),
    PullRequest: ("look_at", "failing_since", "opened_at"),
    OpenDirectories: ("looked_at",),
    HostWrites: ("at",),
}


def pass_time(seconds: float) -> None:
    """Null stays null."""
    for model, names in INSTANTS.items():
        earlier = {name: F(name) - timedelta(seconds=seconds) for name in names}
        model._default_manager.update(**earlier)

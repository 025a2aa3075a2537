"""What is stored. The request's row is the truth about its state; the queue may deliver late or twice and nothing bad follows."""

from provisioning.domain.status import TERMINAL, UNFINISHED, WORKING, Status
from provisioning.models.clock import database_now
from provisioning.models.directories import DirectoryHold, OpenDirectories
from provisioning.models.host_writes import HostWrites
from provisioning.models.identity import ApiToken, Person, Team
from provisioning.models.json_columns import as_json, from_json
from provisioning.models.limits import RateWindow
from provisioning.models.network_ranges import NetworkRange
from provisioning.models.preview import KEPT, Preview
from provisioning.models.provision_request import PULL_REQUEST, ProvisionRequest, new_request_id
from provisioning.models.pull_request import PullRequest, WebhookDelivery
from provisioning.models.request_event import RequestEvent
from provisioning.models.trail import (
    TrailCheckpoint,
    TrailEvent,
    TrailPersonal,
    TrailSeal,
    TrailUnsealed,
)

__all__ = [
    "KEPT",
    "PULL_REQUEST",
    "TERMINAL",
    "UNFINISHED",
    "WORKING",
    "ApiToken",
    "DirectoryHold",
    "HostWrites",
    "NetworkRange",
    "OpenDirectories",
    "Person",
    "Preview",
    "ProvisionRequest",
    "PullRequest",
    "RateWindow",
    "RequestEvent",
    "Status",
    "Team",
    "TrailCheckpoint",
    "TrailEvent",
    "TrailPersonal",
    "TrailSeal",
    "TrailUnsealed",
    "WebhookDelivery",
    "as_json",
    "database_now",
    "from_json",
    "new_request_id",
]

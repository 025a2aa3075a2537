"""What people and programs may do with requests. Every way in (page, API, command) calls these and nothing below them."""

from provisioning.requests.services.ending import cancel, finish, retry
from provisioning.requests.services.previewing import keep_preview, preview
from provisioning.requests.services.queueing import enqueue, hand_over
from provisioning.requests.services.screening import digest, screened
from provisioning.requests.services.submitting import submit
from provisioning.requests.services.visibility import visible_to

__all__ = [
    "cancel",
    "digest",
    "enqueue",
    "finish",
    "hand_over",
    "keep_preview",
    "preview",
    "retry",
    "screened",
    "submit",
    "visible_to",
]

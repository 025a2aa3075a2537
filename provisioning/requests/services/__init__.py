"""What people and programs may do with requests. Every way in (page, API, command) calls these and nothing below them."""

from provisioning.requests.services.bulk_retry import (
    FailureWindow,
    outside_codes,
    retry_failed,
)
from provisioning.requests.services.directories import (
    hold_directories,
    release_directories,
    wait_for_the_same,
)
from provisioning.requests.services.ending import cancel, finish, retry
from provisioning.requests.services.networks import with_known_networks
from provisioning.requests.services.previewing import (
    CHANGED,
    Shown,
    edits_after,
    keep_preview,
    kept_preview,
    preview,
    read,
    show,
    shown_again,
    understood_before,
)
from provisioning.requests.services.queueing import enqueue, enqueue_next_of_team
from provisioning.requests.services.ranges import with_held_ranges
from provisioning.requests.services.readiness import examples_in_use, refuse_example_values
from provisioning.requests.services.screening import digest, validate_submission
from provisioning.requests.services.submitting import submit
from provisioning.requests.services.taken import taken
from provisioning.requests.services.visibility import (
    find_visible,
    target_of,
    visible_to,
)

__all__ = [
    "CHANGED",
    "FailureWindow",
    "Shown",
    "cancel",
    "digest",
    "edits_after",
    "enqueue",
    "enqueue_next_of_team",
    "examples_in_use",
    "find_visible",
    "finish",
    "hold_directories",
    "keep_preview",
    "kept_preview",
    "outside_codes",
    "preview",
    "read",
    "refuse_example_values",
    "release_directories",
    "retry",
    "retry_failed",
    "show",
    "shown_again",
    "submit",
    "taken",
    "target_of",
    "understood_before",
    "validate_submission",
    "visible_to",
    "wait_for_the_same",
    "with_held_ranges",
    "with_known_networks",
]

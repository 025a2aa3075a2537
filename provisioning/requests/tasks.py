"""The path of a request on one screen. Delivery is at least once: `run_request` may be called late, twice or not at all.

What each effect does when it is repeated:
- claim: adds an attempt; a second claim while a living worker holds the request gives nothing;
- understand: its result is stored with the state, so it is never asked (and paid) for twice;
- ranges: a new network has one for its directory, the same on each attempt;
- generate: deterministic, simply done again;
- publish: the branch is stored before it is created, and everything is looked for before it is made;
- events: written with the state change in one transaction, one per version.
"""

import logging
from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from provisioning import wiring
from provisioning.domain import Generated, OpenedPullRequest, Placement, Requirements
from provisioning.errors import (
    AttemptsExhaustedError,
    LeaseLostError,
    PortalError,
)
from provisioning.identity import offers
from provisioning.models import ProvisionRequest, PullRequest, Status, as_json
from provisioning.pipeline import publish
from provisioning.pipeline.generate import generate
from provisioning.pipeline.publication import Publication
from provisioning.pipeline.understand import understand
from provisioning.pull_requests import conflicts, sharing, sync, turns
from provisioning.requests import leases, services, waiting
from provisioning.trail import heads

logger = logging.getLogger(__name__)


def run_request(request_id: str) -> None:
    """One attempt. Anything but a `PortalError` leaves the request to `retries.rescue_stalled` and itself to the log."""
    lease = wiring.lease()
    claimed = leases.claim(request_id, lease, wiring.portal().team_concurrency)
    if claimed is None:
        return
    try:
        with leases.renewed(claimed, lease):
            _refuse_poison(claimed)
            # A reading that an earlier attempt or a preview paid for is not paid for again.
            requirements = claimed.requirements or _understand(claimed)
            services.refuse_example_values(requirements)
            ranged = services.with_held_ranges(claimed, requirements)
            placed = services.with_known_networks(ranged)
            generated = _generate(claimed, placed)
            _publish(claimed, generated)
    except LeaseLostError as lost:
        logger.warning("%s", lost.message)
    except PortalError as error:
        waiting.fail_or_wait(claimed, error)
    finally:
        # In this order: the team's next one must find the place free.
        leases.release(claimed)
        services.enqueue_next_of_team(claimed)


def _refuse_poison(claimed: ProvisionRequest) -> None:
    """Attempts are counted before the work, so that one which kills its worker each time comes to an end too."""
    if claimed.attempt > claimed.attempt_limit:
        raise AttemptsExhaustedError(
            f"The portal stopped {claimed.attempt - 1} times while it worked on this. Nothing is lost; its operator has to look."
        )


def _understand(claimed: ProvisionRequest) -> Requirements:
    claimed.advance(
        Status.PARSING, f"Reading the text with {wiring.parser().name}", started_at=timezone.now()
    )
    try:
        return understand(wiring.parser(), wiring.catalog(), claimed.submission, wiring.sentences())
    except PortalError as error:
        if error.usage:
            claimed.store(usage_json=as_json(error.usage))
        raise


def _generate(claimed: ProvisionRequest, requirements: Requirements) -> Generated:
    count = len(requirements.resources)
    detail = f"Understood {count} resource{'s' if count > 1 else ''}"
    claimed.advance(
        Status.GENERATING,
        detail,
        requirements_json=as_json(requirements),
        started_at=claimed.started_at or timezone.now(),
    )
    catalog = wiring.catalog()
    offers.refuse_what_is_not_allowed(catalog.platform.allow, claimed.team, requirements.resources)
    return generate(catalog, wiring.checker(), requirements)


def _publish(claimed: ProvisionRequest, generated: Generated) -> None:
    passed = sum(check.passed is True for check in generated.report.checks)
    claimed.advance(
        Status.CREATING_PR, f"{passed} checks passed", generated_json=as_json(generated)
    )
    # Before the host is asked: two requests for one directory would both hear that it is free.
    services.hold_directories(claimed, generated)
    query = publish.placement_query(
        wiring.catalog(), claimed.request_id, generated, claimed.branch_name
    )
    placement = wiring.pull_requests().place(query)
    # Its own pull request of an earlier attempt is no other one's.
    shared = None if placement.opened else _held_by(claimed, generated, placement)
    if shared:
        _join(claimed, generated, shared)
        return
    opened = _open(claimed, generated, placement, query.fresh)
    with transaction.atomic():
        sync.record_opened(claimed, opened)
        _complete(
            claimed,
            f"Pull request #{opened.number} opened.",
            *opened.notes,
            branch_name=opened.branch,
        )


def _held_by(
    claimed: ProvisionRequest, generated: Generated, placement: Placement
) -> PullRequest | None:
    """Whose pull request holds the same already. Raises `DirectoryConflictError` when something else does."""
    directories = [resource.directory for resource in generated.resources]
    taken = placement.taken or conflicts.taken_by_open(claimed, directories)
    shared = sharing.pull_request_with(generated) if taken else None
    if shared is None:
        publish.refuse_taken(taken)
    return shared


def _join(claimed: ProvisionRequest, generated: Generated, shared: PullRequest) -> None:
    note = (
        f"Pull request #{shared.number} ({shared.state}) holds the same already: this request"
        " shares it, and nothing new was opened."
    )
    requirements = replace(generated.requirements, notes=(*generated.requirements.notes, note))
    with transaction.atomic():
        _complete(
            claimed,
            note,
            joined=shared,
            branch_name=shared.provision_request.branch_name,
            generated_json=as_json(replace(generated, requirements=requirements)),
        )


def _complete(claimed: ProvisionRequest, *sentences: str, **fields: object) -> None:
    claimed.advance(
        Status.COMPLETED,
        " ".join(sentences),
        completed_at=timezone.now(),
        lease_until=None,
        waiting_since=None,
        error_code="",
        **fields,
    )
    services.release_directories(claimed)


def _open(
    claimed: ProvisionRequest, generated: Generated, placement: Placement, fresh: bool
) -> OpenedPullRequest:
    """The branch is stored before it is created: a later attempt looks there for what this one left, and adds the labels
    and reviewers that an open pull request may still lack."""
    if placement.opened and placement.opened.state != "open":
        return placement.opened
    head = claimed.trail_head or heads.head()
    publication = Publication(
        claimed.request_id,
        claimed.submission,
        generated,
        claimed.created_at,
        fresh=fresh,
        trail_head=head,
        source=claimed.identity_source,
        client=claimed.acting_client,
    )
    change = publish.change(wiring.catalog(), wiring.publishing(), publication, placement.branch)
    if placement.opened is None:
        turns.take(claimed, change)
        claimed.store(branch_name=placement.branch, trail_head=head)
    return wiring.pull_requests().open(change)

"""`/api/v1`: five endpoints of the published contract. Each calls a service and translates; no rule lives here."""

from typing import cast

from django.http import HttpRequest
from django.urls import reverse
from ninja import Header, Router
from ninja import Status as Answer

from provisioning.api.answers import OF_BODIES, OF_OUTSIDE, REFUSALS, WITHOUT_CALLER
from provisioning.api.auth import Session, Token, demo
from provisioning.api.limits import enter
from provisioning.api.responses import dry_run_out, health_out, page_url
from provisioning.api.schemas.health import HealthOut, WebhookOut
from provisioning.api.schemas.provision import DryRunIn, DryRunOut, ProvisionIn, ProvisionOut
from provisioning.api.schemas.status import StatusName
from provisioning.domain import Submission
from provisioning.domain.identity import Action
from provisioning.errors import BadSignatureError
from provisioning.identity import requesters, strangers
from provisioning.identity.limits import Kind
from provisioning.models import ProvisionRequest, Status
from provisioning.operations import health
from provisioning.pipeline.screen import screen_field
from provisioning.pull_requests import sync
from provisioning.requests import services
from provisioning.trail.addresses import client_address
from provisioning.trail.record import TrailEntry

router = Router(auth=[Token(), Session(), demo])


@router.get(
    "/health",
    response={200: HealthOut, **WITHOUT_CALLER},
    auth=None,
    tags=["health"],
    operation_id="health",
    summary="Health check",
)
def get_health(request: HttpRequest) -> HealthOut:
    """`degraded` means that something is wrong and the rest still works; `checks` says what, in words."""
    checks = health.latest()
    return health_out(checks)


@router.post(
    "/provision",
    response={200: ProvisionOut, **REFUSALS, **OF_BODIES},
    tags=["provision"],
    operation_id="provision",
    summary="Queue an infrastructure request",
)
def provision(
    request: HttpRequest,
    body: ProvisionIn,
    idempotency_key: str | None = Header(None, alias="Idempotency-Key"),  # type: ignore[type-arg]
) -> ProvisionOut:
    """Answers at once; follow `GET /requests/{request_id}/status` until `completed` or `failed`. The same Idempotency-Key
    with the same body gives the same request again, as it is by then."""
    caller = enter(request, Action.REQUEST, Kind.PROVISION)
    key = screen_field("Idempotency-Key", idempotency_key, 200) if idempotency_key else None
    made = services.submit(
        _submission(body, body.requester or ""), caller=caller, source="api", idempotency_key=key
    )
    opened = made.opened
    return ProvisionOut(
        request_id=made.request_id,
        status=cast(StatusName, made.status),
        message=_said_of(made),
        pr_url=opened.url if opened else None,
        html_url=page_url(request, reverse("request_detail", args=[made.request_id])),
        ignored=body.ignored,
    )


@router.post(
    "/dry-run",
    response={200: DryRunOut, **REFUSALS, **OF_BODIES, **OF_OUTSIDE},
    tags=["dry-run"],
    operation_id="dry_run",
    summary="Preview the Terraform of a request",
)
def dry_run(request: HttpRequest, body: DryRunIn) -> DryRunOut:
    """The files that the pull request would hold. Creates nothing."""
    caller = enter(request, Action.REQUEST, Kind.DRY_RUN)
    if body.requester:
        requesters.requester_of(caller, body.requester)
    submission = _submission(body, body.requester or caller.name)
    generated = services.preview(submission, caller)
    return dry_run_out(generated, body.ignored)


@router.post(
    "/webhooks/github",
    response={202: WebhookOut, **WITHOUT_CALLER, **OF_BODIES},
    auth=None,
    tags=["webhooks"],
    operation_id="github_webhook",
    summary="Deliveries of a GitHub webhook",
)
def github_webhook(request: HttpRequest) -> Answer[WebhookOut]:
    """Signed with GITHUB_WEBHOOK_SECRET. Answers at once; what changed is read from GitHub afterwards."""
    headers = request.headers
    delivery = headers.get("X-GitHub-Delivery", "")
    try:
        looks = sync.receive(request.body, headers.get("X-Hub-Signature-256", ""), delivery)
    except BadSignatureError:
        entry = TrailEntry("webhook.refused", "webhook", delivery, result="refused")
        strangers.note_refusal(entry, client_address(request))
        raise
    return Answer(202, WebhookOut(looks=looks))


def _said_of(made: ProvisionRequest) -> str:
    """Only a request that was made by an earlier call, with the same key, is anything but queued."""
    if made.status == Status.QUEUED:
        return "Request queued for processing"
    return f"The request of this Idempotency-Key is {made.status}"


def _submission(body: ProvisionIn | DryRunIn, requester: str) -> Submission:
    return Submission(
        text=body.request,
        requester=requester,
        team=body.team or "",
        service=body.service or "",
        environment=body.environment,
        answers=body.answers,
        follow_up_of=(body.follow_up_of or "") if isinstance(body, ProvisionIn) else "",
    )

"""Which requests a list is of, and the place in it that a cursor stands for."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated

from django.core import signing
from django.db.models import Q, QuerySet
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, Field, JsonValue, StringConstraints

from provisioning import wiring
from provisioning.api.errors import BadCursorError, every_code
from provisioning.api.following.rows import RequestHead
from provisioning.api.schemas.status import StatusName
from provisioning.catalog.settle import settle_environment, settle_type
from provisioning.models import ProvisionRequest
from provisioning.pipeline.screen import screen_field

# A cursor of a page of the site means nothing here.
SALT = "api.requests"
# As long as the longest column that is compared.
LONGEST = 200
Requests = QuerySet[ProvisionRequest]
Place = tuple[datetime, int]
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]


def _codes() -> list[JsonValue]:
    return list(every_code())


def _code(sent: str) -> str:
    if sent not in every_code():
        raise ValueError("There is no such code; docs/api.md lists them")
    return sent


def _in_utc(sent: datetime) -> datetime:
    """Postgres knows no zone that is more than 15:59 away, and neither side a moment beyond its calendar."""
    try:
        return sent.astimezone(UTC)
    # The year 9999 in a zone west of Greenwich is the year 10000 in UTC.
    except OverflowError:
        raise ValueError("There is no such moment in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Filters(Schema):
    """Each narrows the list; the cursor belongs to all of them."""

    user: Name | None = Field(
        None,
        description="E-mail address or user name of the requester; without it, all that the caller may see",
        examples=["user@company.com"],
    )
    limit: int = Field(20, ge=1, le=100, description="At most this many", examples=[20])
    cursor: str | None = Field(
        None,
        max_length=1000,
        description="`next_cursor` of the answer before, with the same filters",
        examples=[None],
    )
    status: StatusName | None = Field(None, description="State", examples=["completed"])
    team: Name | None = Field(None, description="Team that owns it", examples=["payments-team"])
    service: Name | None = Field(
        None, description="Service that it belongs to", examples=["payments-api"]
    )
    environment: Name | None = Field(
        None, description="Environment, by any of its spellings", examples=["prod"]
    )
    type: Name | None = Field(
        None, description="Resource type, by any of its spellings", examples=["rds"]
    )
    since: Moment | None = Field(
        None, description="Received at or after this moment", examples=["2025-12-19T00:00:00Z"]
    )
    until: Moment | None = Field(
        None, description="Received before this moment", examples=["2025-12-20T00:00:00Z"]
    )
    error_code: Annotated[str, AfterValidator(_code)] | None = Field(
        None,
        description="Why it failed or waits",
        examples=["needs_clarification"],
        json_schema_extra={"enum": [None, *_codes()]},
    )


def filtered(requests: Requests, wanted: Filters) -> Requests:
    """Raises `InvalidInputError` for what no request can have."""
    conditions = {
        "requester__lower": _folded("user", wanted.user),
        "team__lower": _folded("team", wanted.team),
        "service": _screened("service", wanted.service),
        "status": wanted.status,
        "error_code": wanted.error_code,
        "created_at__gte": wanted.since,
        "created_at__lt": wanted.until,
    }
    given = {name: value for name, value in conditions.items() if value is not None}
    found = requests.filter(**given)
    if wanted.environment:
        found = found.filter(_is_in(wanted.environment))
    if wanted.type:
        name = settle_type(wiring.catalog(), "type", wanted.type)
        found = found.filter(requirements_json__resources__contains=[{"type": name}])
    return found


def _screened(name: str, sent: str | None) -> str | None:
    return None if sent is None else screen_field(name, sent, LONGEST)


def _folded(name: str, sent: str | None) -> str | None:
    clean = _screened(name, sent)
    return None if clean is None else clean.lower()


def _is_in(sent: str) -> Q:
    """As it was understood; until then, as the body said."""
    name = settle_environment(wiring.catalog(), "environment", sent)
    understood = Q(requirements_json__resources__contains=[{"environment": {"value": name}}])
    return understood | Q(requirements_json__isnull=True, environment=name)


def beyond(requests: Requests, wanted: Filters) -> Requests:
    """What comes after the cursor, newest first. Raises `BadCursorError`."""
    ordered = requests.order_by("-created_at", "-id")
    if wanted.cursor is None:
        return ordered
    at, row = _place(wanted)
    return ordered.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=row))


def cursor_after(head: RequestHead, wanted: Filters) -> str:
    place = [head.created_at.isoformat(), head.id, _digest(wanted)]
    return _signer().sign_object(place)


def _signer() -> signing.Signer:
    """Without a time, so that the same page has the same cursor, and so the same tag. Made when it is used, for commands that
    sign nothing have no key."""
    return signing.Signer(salt=SALT)


def _place(wanted: Filters) -> Place:
    try:
        at, row, digest = _signer().unsign_object(wanted.cursor or "")
    except signing.BadSignature:
        raise BadCursorError("cursor", "This cursor comes from no list of this portal.") from None
    if digest != _digest(wanted):
        raise BadCursorError("cursor", "This cursor belongs to a list with other filters.")
    return datetime.fromisoformat(at), row


def _digest(wanted: Filters) -> str:
    """Of all that decides which requests are in the list; a page may be of another size than the one before."""
    filters = wanted.model_dump_json(exclude={"cursor", "limit"})
    return hashlib.sha256(filters.encode()).hexdigest()[:16]

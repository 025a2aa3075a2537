"""Requests as the answers need them, in two statements: `RequestHead` is small and says whether a body that was made still holds,
`Whole` is what a body is made of.

Measured against the ORM: a query of a whole row compiles for 0.4 ms and makes objects for 0.2 ms; a constant one costs 0.05 ms.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from provisioning.domain.identity import Target
from provisioning.queue.liveness import IS_WORKED

# The pull request that a request opened, or else the one that it joined.
PULL_REQUEST = """
    LEFT JOIN provisioning_pullrequest AS pull ON pull.id = coalesce(
        (SELECT own.id FROM provisioning_pullrequest AS own WHERE own.provision_request_id = request.id),
        request.joined_id)
"""
HEADS = f"""
    SELECT request.id, request.request_id, request.version, request.status, request.requester, request.user_id,
        request.team, request.created_at, pull.state || coalesce(pull.seen_json->>'looked_at', '')
    FROM provisioning_provisionrequest AS request {PULL_REQUEST}
"""  # noqa: S608  of constants only
HEAD = f"{HEADS} WHERE request.request_id = %s"
# JSON as text: it is parsed only where a body is made of it. Of what was generated, the files stay where they are.
WHOLE = f"""
    SELECT request.id, request.request_id, request.text, request.requester, request.requester_ref,
        request.identity_source, request.acting_client, request.team, request.status,
        request.branch_name, request.created_at, request.completed_at, request.service, request.environment,
        request.error, request.error_code, request.questions::text, request.requirements_json::text,
        (request.generated_json->'requirements')::text, (request.generated_json->'report')::text,
        request.usage_json::text, request.attempt, request.version, request.wake_at, request.waiting_since,
        request.waiting_for, pull.number, pull.url, pull.state, pull.seen_json::text,
        (SELECT json_agg(json_build_array(event.status, event.at) ORDER BY event.id)
         FROM provisioning_requestevent AS event WHERE event.provision_request_id = request.id)::text,
        CASE WHEN request.status = 'queued' THEN {IS_WORKED} ELSE true END
    FROM provisioning_provisionrequest AS request {PULL_REQUEST}
    WHERE request.id = ANY(%s)
"""  # noqa: S608  of constants only


class RequestHead(NamedTuple):
    """`seen` is what the host said of the pull request and when; None where there is none."""

    id: int
    request_id: str
    version: int
    status: str
    requester: str
    user_id: int | None
    team: str
    created_at: datetime
    seen: str | None

    @property
    def target(self) -> Target:
        return Target(self.requester, self.user_id, self.team)


class Whole(NamedTuple):
    """The columns of JSON are text. `is_worked` is false for a queued request that no worker is there for."""

    id: int
    request_id: str
    text: str
    requester: str
    requester_ref: str
    identity_source: str
    acting_client: str
    team: str
    status: str
    branch_name: str
    created_at: datetime
    completed_at: datetime | None
    service: str
    environment: str
    error: str
    error_code: str
    questions: str
    requirements: str | None
    settled: str | None
    report: str | None
    usage: str | None
    attempt: int
    version: int
    wake_at: datetime | None
    waiting_since: datetime | None
    waiting_for: str
    number: int | None
    url: str | None
    pull_state: str | None
    seen: str | None
    events: str | None
    is_worked: bool


def heads_of(selected: str) -> str:
    """The statement for the requests whose ids another statement selects, newest first."""
    order = "ORDER BY request.created_at DESC, request.id DESC"
    return f"{HEADS} WHERE request.id IN ({selected}) {order}"


def as_heads(rows: Sequence[Any]) -> list[RequestHead]:
    return [RequestHead(*row) for row in rows]


def as_wholes(rows: Sequence[Any]) -> list[Whole]:
    return [Whole(*row) for row in rows]

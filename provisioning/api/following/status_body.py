"""A request's status as the contract writes it, out of the JSON that is stored: what was checked when it was written is not
checked again, which with pydantic took two thirds of the time of a status call."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from provisioning import wiring
from provisioning.api.following.rows import Whole
from provisioning.api.following.stages import stages
from provisioning.api.responses import estimate_out
from provisioning.api.schemas.moments import zulu
from provisioning.catalog import names
from provisioning.domain import SINGLE, Origin, Resource, Value
from provisioning.errors import by_code
from provisioning.models import TERMINAL

Json = dict[str, Any]
# Seconds: the published examples poll every two; what waits for a time of day need not be asked so often.
POLL_AGAIN, WAITING = 2, 10
ONE = asdict(SINGLE)
UNSAID = Origin("default", "")


def _identity(row: Whole) -> Json:
    """How the portal knew whose request it is."""
    return {
        "requester_ref": row.requester_ref or None,
        "identity_source": row.identity_source or None,
        "acting_client": row.acting_client or None,
    }


def body_of(row: Whole, html_url: str, waiting: str | None) -> Json:
    understood, settled = _json(row.requirements), _json(row.settled)
    written = settled or understood or {}
    resources = [_resource(one) for one in written.get("resources", ())]
    report = _json(row.report) or {}
    return {
        "request_id": row.request_id,
        "request_text": row.text,
        "requester": row.requester,
        **_identity(row),
        "team": row.team or None,
        "status": row.status,
        "pr_url": row.url,
        "pr_number": row.number,
        "branch_name": row.branch_name or None,
        "created_at": zulu(row.created_at),
        "completed_at": _zulu(row.completed_at),
        "service": row.service or None,
        "environment": _environment(row, resources),
        **_error(row),
        "questions": _json(row.questions) or [],
        "requirements": resources[0] if resources else None,
        "resources": resources,
        "checks": [_check(one) for one in report.get("checks", ())],
        "plan": report.get("plan"),
        "notes": written.get("notes", []),
        "estimate": _estimate(written),
        "unmet": written.get("unmet", []),
        "sentence": written.get("sentence", ""),
        "parser": understood["parser"] if understood else None,
        "usage": _usage(understood, row),
        "waiting": waiting,
        "attempt": row.attempt,
        "version": row.version,
        "html_url": html_url,
        "pull_request": _pull_request(row),
        **_stages(row),
        "retry_after": _poll_again(row),
    }


def _json(column: str | None) -> Any:
    return None if column is None else json.loads(column)


def _zulu(moment: datetime | None) -> str | None:
    return None if moment is None else zulu(moment)


def _environment(row: Whole, resources: list[Json]) -> str | None:
    """What was understood, of the first resource; until then what the caller's field said."""
    if resources:
        environment: str = resources[0]["environment"]
        return environment
    return row.environment or None


def _error(row: Whole) -> Json:
    """`retryable` speaks of what the caller can do; what the portal tries again by itself is still under way."""
    if not row.error_code:
        return {"error": row.error or None, "error_code": None, "hint": None, "retryable": False}
    kind = by_code(row.error_code)
    retryable = row.status == "failed" and kind.can_retry
    return {
        "error": row.error or None,
        "error_code": row.error_code,
        "hint": kind.next_step,
        "retryable": retryable,
    }


def _resource(stored: Json) -> Json:
    environment, name = str(stored["environment"]["value"]), stored["name"]
    parameters: Mapping[str, Json] = stored["parameters"]
    return {
        "resource_type": stored["type"],
        "resource_name": name,
        "environment": environment,
        "application": str(stored["application"]["value"]),
        "aws_name": stored["aws_name"],
        "directory": names.directory(wiring.catalog(), stored["type"], environment, name),
        "parameters": {path: value["value"] for path, value in parameters.items()},
        "tags": {tag: str(value["value"]) for tag, value in stored["tags"].items()},
        "origins": _origins(stored),
    }


def _estimate(written: Json) -> Json | None:
    """Of today's prices, as on the page. Only types, names and values count."""
    resources = [_priced(one) for one in written.get("resources", ())]
    found = estimate_out(resources)
    return found.dict() if found else None


def _priced(stored: Json) -> Resource:
    values = {path: Value(one["value"], UNSAID) for path, one in stored["parameters"].items()}
    nowhere = Value(None, UNSAID)
    return Resource(stored["type"], nowhere, stored["name"], "", nowhere, values, {})


def _origins(stored: Json) -> Json:
    said = {name: stored[name] for name in ("environment", "application")}
    count = stored.get("count")
    if count is not None and not _is_single(count):
        said["count"] = count
    said |= stored["parameters"]
    return {path: _origin(value) for path, value in said.items()}


def _is_single(count: Json) -> bool:
    """Nobody has to be told who said that it is one, unless somebody did."""
    return count == ONE


def _origin(value: Json) -> Json:
    origin = value["origin"]
    return {
        "kind": origin["kind"],
        "detail": origin["detail"],
        "start": origin.get("start"),
        "end": origin.get("end"),
    }


def _check(stored: Json) -> Json:
    """Without the seconds that it took."""
    return {
        "name": stored["name"],
        "tool": stored["tool"],
        "passed": stored["passed"],
        "detail": stored.get("detail", ""),
    }


def _usage(understood: Json | None, row: Whole) -> Json | None:
    """What the model cost, whether it was understood or not; None where no model was asked."""
    usage: Json | None = understood.get("usage") if understood else _json(row.usage)
    return usage if usage and usage.get("calls") else None


def _pull_request(row: Whole) -> Json | None:
    if row.number is None:
        return None
    seen: Json = _json(row.seen) or {"state": row.pull_state}
    return {
        "number": row.number,
        "url": row.url,
        "state": seen["state"],
        "draft": seen.get("draft", False),
        "review": seen.get("review", "none"),
        "reviewers": seen.get("reviewers", []),
        "checks": seen.get("checks", "none"),
        "ended_by": seen.get("ended_by") or None,
        "ended_at": _moment(seen.get("ended_at")),
        "looked_at": _moment(seen.get("looked_at")),
    }


def _moment(stored: str | None) -> str | None:
    return None if stored is None else zulu(datetime.fromisoformat(stored))


def _stages(row: Whole) -> Json:
    found = stages(_json(row.events) or [])
    return {"stage": found[-1] if found else None, "stages": found}


def _poll_again(row: Whole) -> int | None:
    if row.status in TERMINAL:
        return None
    return WAITING if row.wake_at else POLL_AGAIN

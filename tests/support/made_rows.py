"""Stored requests of every kind that can be, for Hypothesis: what the portal's own types allow, with hostile texts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from provisioning.api.errors import every_code
from provisioning.domain import (
    SINGLE,
    CheckReport,
    Generated,
    Origin,
    PullRequestState,
    Requirements,
    Resource,
    Usage,
    Value,
)
from provisioning.domain.generated import Check, TerraformPlan
from provisioning.domain.reading import Unmet
from provisioning.models import Status, as_json

# Postgres stores neither NUL nor halves of characters, and nothing of them comes as far as a row.
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
numbers = st.integers(0, 2**53)
STATUSES = [status.value for status in Status]
kinds = st.sampled_from(["text", "field", "answer", "inferred", "policy", "default"])
spans = st.none() | st.integers(0, 4000)
origins = st.builds(Origin, kinds, texts, spans, spans)
scalars = texts | st.integers(-(2**53), 2**53) | st.booleans() | st.none()
floats = st.floats(allow_nan=False, allow_infinity=False, width=32)
several = st.lists(texts, max_size=2).map(tuple)
values = st.builds(Value, scalars | floats | several, origins)
words = st.builds(Value, texts, origins)
counts = st.just(SINGLE) | st.builds(Value, st.integers(1, 5), origins)


def mapping(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Mapping[str, Any]]:
    return st.dictionaries(texts, inner, max_size=3)


resources = st.builds(
    Resource,
    type=texts,
    application=words,
    name=texts,
    aws_name=texts,
    environment=words,
    parameters=mapping(values),
    tags=mapping(words),
    count=counts,
)
usages = st.builds(
    Usage,
    model=texts,
    service_request_id=texts,
    input_tokens=numbers,
    output_tokens=numbers,
    cost_usd=st.floats(0, 10),
    calls=st.integers(0, 3),
)
unmet = st.lists(st.builds(Unmet, texts, texts), max_size=2).map(tuple)
requirements = st.builds(
    Requirements,
    resources=st.lists(resources, min_size=1, max_size=2).map(tuple),
    parser=texts,
    usage=usages,
    notes=several,
    unmet=unmet,
    sentence=texts,
)
checks = st.builds(Check, texts, texts, st.none() | st.booleans(), texts, st.floats(0, 9))
plans = st.builds(TerraformPlan, numbers, numbers, numbers, several)
reports = st.builds(CheckReport, st.lists(checks, max_size=2).map(tuple), st.none() | plans)
generated = st.builds(Generated, requirements, st.just(()), reports)
looks = st.builds(
    PullRequestState,
    state=st.sampled_from(["open", "merged", "closed"]),
    head_sha=texts,
    looked_at=moments,
    draft=st.booleans(),
    review=st.sampled_from(["none", "approved", "changes_requested"]),
    reviewers=several,
    checks=st.sampled_from(["none", "pending", "passed", "failed"]),
    ended_by=texts,
    ended_at=st.none() | moments,
)
questions = st.fixed_dictionaries(
    {"id": texts, "text": texts, "choices": st.lists(texts, max_size=2), "recommended": st.none() | texts}
)  # fmt: skip


def stored(kind: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | kind.map(as_json)


rows = st.fixed_dictionaries(
    {
        "text": texts,
        "requester": texts,
        "team": texts,
        "service": texts,
        "environment": texts,
        "status": st.sampled_from(STATUSES),
        "version": st.integers(1, 1000),
        "attempt": st.integers(0, 9),
        "branch_name": texts,
        "created_at": moments,
        "completed_at": st.none() | moments,
        "wake_at": st.none() | moments,
        "error": texts,
        "error_code": st.sampled_from(["", "of an older release", *every_code()]),
        "questions": st.lists(questions, max_size=2),
        "requirements_json": stored(requirements),
        "generated_json": stored(generated),
        "usage_json": stored(usages),
    }
)
pull_requests = st.fixed_dictionaries(
    {
        "number": st.integers(1, 10**6),
        "url": st.just("https://github.com/org/infrastructure/pull/7"),
        "state": st.sampled_from(["open", "merged", "closed"]),
        "commit_sha": st.just("0" * 40),
        "seen_json": stored(looks),
    }
)
histories = st.lists(st.tuples(st.sampled_from(STATUSES), moments), max_size=6)

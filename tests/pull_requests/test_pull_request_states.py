"""What to believe of looks that overtake each other, and what a history says of the way between two states."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from provisioning.domain import PullRequestState
from provisioning.pipeline.transitions import (
    WebhookTarget,
    checks_of,
    diff_states,
    merge_state,
    review_of,
    signed,
    webhook_target,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
STATES = st.builds(
    PullRequestState,
    state=st.sampled_from(["open", "closed"]),
    head_sha=st.sampled_from(["a", "b"]),
    looked_at=st.just(NOON),
    draft=st.booleans(),
    review=st.sampled_from(["none", "approved", "changes_requested"]),
    reviewers=st.just(("ada",)),
    checks=st.sampled_from(["none", "pending", "passed", "failed"]),
)


def look(state: PullRequestState, minute: int) -> PullRequestState:
    return replace(state, looked_at=NOON + timedelta(minutes=minute))


@given(st.lists(STATES, min_size=1, max_size=6), st.booleans(), st.randoms())
def test_in_whatever_order_looks_end_the_one_that_began_last_is_believed(
    states: list[PullRequestState], merged: bool, seed: Random
) -> None:
    looks = [look(state, minute) for minute, state in enumerate(states)]
    if merged:
        looks.append(PullRequestState("merged", "b", NOON + timedelta(minutes=60), ended_by="octo"))
    shuffled = list(looks)
    seed.shuffle(shuffled)
    known = None
    for one in shuffled:
        known = merge_state(known, one)
    assert known == looks[-1]


def test_a_merge_is_final_and_who_did_it_stays_known() -> None:
    merged = PullRequestState("merged", "a", NOON, ended_by="octo", ended_at=NOON)
    later = NOON + timedelta(hours=1)
    assert merge_state(merged, PullRequestState("open", "a", later)) == merged
    assert merge_state(merged, PullRequestState("merged", "a", later)).ended_by == "octo"
    closed = PullRequestState("closed", "a", NOON, ended_by="octo")
    assert merge_state(closed, PullRequestState("open", "a", later)).ended_by == ""


def test_what_an_outage_hid_is_as_it_was() -> None:
    known = PullRequestState(
        "open", "a", NOON, review="approved", reviewers=("ada",), checks="passed"
    )
    later = NOON + timedelta(hours=1)
    seen = PullRequestState("closed", "a", later, unread=("reviews", "checks"))
    merged = merge_state(known, seen)
    assert (merged.state, merged.review, merged.reviewers) == ("closed", "approved", ("ada",))
    assert merged.checks == "passed"
    pushed = PullRequestState("open", "b", later, unread=("checks",))
    assert merge_state(known, pushed).checks == "none"


@given(STATES, STATES)
def test_a_history_tells_a_change_and_nothing_where_there_is_none(
    one: PullRequestState, other: PullRequestState
) -> None:
    assert diff_states(one, look(one, 1)) == []
    changed = {name for name in ("state", "head_sha") if getattr(one, name) != getattr(other, name)}
    kinds = [kind for kind, _ in diff_states(one, other)]
    assert ("pushed" in kinds) == ("head_sha" in changed)
    assert bool({"closed", "reopened"} & set(kinds)) == ("state" in changed)


def test_the_last_verdict_of_each_reviewer_counts_and_one_against_is_enough() -> None:
    assert review_of([("ada", "APPROVED"), ("bo", "COMMENTED")]) == ("approved", ("ada",))
    assert review_of([("ada", "APPROVED"), ("bo", "CHANGES_REQUESTED")]) == (
        "changes_requested",
        ("bo",),
    )
    assert review_of([("bo", "CHANGES_REQUESTED"), ("bo", "APPROVED"), ("bo", "COMMENTED")]) == (
        "approved",
        ("bo",),
    )
    assert review_of([("bo", "APPROVED"), ("bo", "DISMISSED")]) == ("none", ())


def test_one_red_check_is_red_and_one_that_runs_is_not_green() -> None:
    assert checks_of([]) == "none"
    assert checks_of(["success", "neutral", "skipped"]) == "passed"
    assert checks_of(["success", None]) == checks_of(["pending"]) == "pending"
    assert checks_of(["failure", None]) == checks_of(["timed_out", "success"]) == "failed"


@given(st.binary(max_size=50), st.text(max_size=80))
def test_no_guessed_signature_fits(body: bytes, signature: str) -> None:
    assert not signed("a secret", body, signature)
    assert not signed("", body, signature)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "repository",
                    "full_name",
                    "pull_request",
                    "number",
                    "sha",
                    "check_run",
                    "pull_requests",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_a_payload_of_any_shape_is_a_hint_or_nothing(payload: object) -> None:
    found = webhook_target(json.loads(json.dumps(payload)))
    assert found is None or (found.repository is not None and (found.numbers or found.commits))


def test_events_of_github_name_pull_requests_by_number_and_by_commit() -> None:
    repository = {"full_name": "acme/infrastructure"}
    run = {"head_sha": "abc", "pull_requests": [{"number": 3}, {"number": 4}]}
    for payload, expected in (
        ({"pull_request": {"number": 7}}, WebhookTarget("acme/infrastructure", frozenset({7}))),
        (
            {"check_suite": run},
            WebhookTarget("acme/infrastructure", frozenset({3, 4}), frozenset({"abc"})),
        ),
        (
            {"sha": "abc", "state": "success"},
            WebhookTarget("acme/infrastructure", frozenset(), frozenset({"abc"})),
        ),
        ({"zen": "Keep it logically awesome."}, None),
    ):
        assert webhook_target({"repository": repository, **payload}) == expected

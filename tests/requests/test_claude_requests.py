"""Requests that Claude reads, through the wiring, the real SDK and the database: what is stored, which failure is which state."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client
from pydantic import SecretStr

from provisioning import wiring
from provisioning.adapters.claude import Claude
from provisioning.adapters.fallback import WithFallback
from provisioning.domain import Submission
from provisioning.models import ProvisionRequest
from provisioning.requests import services, tasks
from tests.support.claude_server import KEY, ClaudeServer, Scripted, claude_server, fails, says

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("claude")]
Portal = Callable[..., None]
TEXT = "production Postgres database for payments API with 200 GB"
POSTGRES = {"name": "engine", "value": "postgres", "quote": "Postgres"}


def answer(*parameters: dict[str, str], **resource: Any) -> dict[str, Any]:
    one = {
        "type": "rds", "application": "payments API", "environment": "prod", "environment_quote": "production",
        "parameters": list(parameters), **resource,
    }  # fmt: skip
    return {"outcome": "ok", "resources": [one], "questions": [], "reason": ""}


RIGHT = answer(POSTGRES, {"name": "allocated_storage_gb", "value": "200", "quote": "200 GB"})


@pytest.fixture
def claude(portal: Portal) -> Iterator[ClaudeServer]:
    with asked(portal) as server:
        yield server


@contextmanager
def asked(portal: Portal, **more: object) -> Iterator[ClaudeServer]:
    with claude_server() as server:
        settings = {
            "anthropic_api_key": SecretStr(KEY), "anthropic_base_url": server.url, "anthropic_timeout_seconds": 5.0,
            "anthropic_input_price": 0.10, "anthropic_output_price": 0.50, **more,
        }  # fmt: skip
        portal(**settings)
        yield server
        parser = wiring.parser()
        first = parser._first if isinstance(parser, WithFallback) else parser
        assert isinstance(first, Claude)
        first._client.close()


def requested(text: str = TEXT) -> ProvisionRequest:
    row = services.submit(Submission(text, "user@company.com"))
    tasks.run_request(row.request_id)
    return ProvisionRequest.objects.get(pk=row.pk)


def test_what_it_cost_is_stored_with_the_request_and_shown(
    claude: ClaudeServer, client: Client
) -> None:
    claude.will(says(RIGHT, usage={"cache_read_input_tokens": 10_000}))
    row = requested()

    assert row.status == "completed", row.error
    shown = client.get(f"/api/v1/requests/{row.request_id}/status").json()
    assert shown["parser"] == "claude"
    assert shown["usage"] == {
        "model": "claude-haiku-5-5", "service_request_id": "req_of_the_stand_in", "calls": 1, "input_tokens": 60,
        "output_tokens": 120, "cache_read_tokens": 10_000, "cache_write_tokens": 0,
        "cost_usd": pytest.approx((60 + 1_000) * 0.10e-6 + 120 * 0.50e-6),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("script", "status", "code", "said"),
    [
        (fails(429, "rate_limit_error", retry_after="90"), "queued", "rate_limited", "rate limit"),
        (fails(529, "overloaded_error"), "queued", "upstream_overloaded", "overloaded"),
        (fails(500), "queued", "upstream_unavailable", "500"),
        (Scripted(status=0), "queued", "upstream_unreachable", "reached"),
        (fails(403, "permission_error"), "queued", "upstream_key_refused", "ANTHROPIC_API_KEY"),
        (fails(400, "invalid_request_error"), "failed", "upstream_refused", "400"),
        (says("", stop_reason="refusal"), "failed", "model_refused", "declined"),
        (says('{"outcome"', stop_reason="max_tokens"), "failed", "model_cut_off", "cut off"),
        (says("Here you go!"), "failed", "model_unreadable", "agreed form"),
    ],
)
def test_each_failure_has_its_own_code_and_only_what_may_pass_waits(
    claude: ClaudeServer, script: Scripted, status: str, code: str, said: str
) -> None:
    claude.will(script)
    row = requested()
    told = row.error or row.events.order_by("-version")[0].detail
    assert (row.status, row.error_code) == (status, code)
    assert said in told
    assert (row.wake_at is not None) == (status == "queued")
    assert len(claude.received) == 1


def test_a_wish_to_wait_is_respected(claude: ClaudeServer) -> None:
    claude.will(fails(429, "rate_limit_error", retry_after="90"))
    row = requested()
    assert row.wake_at is not None
    assert (row.wake_at - row.events.order_by("-version")[0].at).total_seconds() == pytest.approx(
        90, abs=5
    )


def test_a_silent_service_is_a_time_out(portal: Portal) -> None:
    with asked(portal, anthropic_timeout_seconds=0.2) as server:
        server.will(Scripted(status=-1))
        assert requested().error_code == "upstream_timeout"


@pytest.mark.parametrize("answer", [Scripted(status=-1), Scripted(status=-2)])
@pytest.mark.parametrize("fallback", [False, True])
def test_a_preview_waits_for_a_silent_or_a_dripping_service_for_so_long(
    portal: Portal,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    answer: Scripted,
    fallback: bool,
) -> None:
    monkeypatch.setattr(wiring, "PREVIEW_READING_SECONDS", 0.2)
    with asked(portal, anthropic_timeout_seconds=30.0, parser_fallback=fallback) as server:
        server.will(answer, answer)
        body = {"request": "staging S3 bucket for logs"}
        told = client.post("/api/v1/dry-run", body, content_type="application/json")
    if fallback:
        assert told.json()["parser"] == "rules"
        return
    assert (told.status_code, told.json()["error_code"]) == (503, "upstream_timeout")
    assert told.json()["detail"] == (
        "Claude did not read the text within 0.2 seconds, which is as long as a preview waits. "
        "Try again in a minute, or send the request itself: it waits for longer."
    )


def test_a_wrong_key_is_said_as_such(portal: Portal) -> None:
    with asked(portal, anthropic_api_key=SecretStr("sk-wrong")):
        row = requested()
    assert (row.status, row.error_code) == ("queued", "upstream_key_refused")
    assert "sk-wrong" not in row.events.order_by("-version")[0].detail


def test_what_a_refusal_or_a_question_cost_is_stored_too(claude: ClaudeServer) -> None:
    claude.will(says("", stop_reason="refusal"))
    refused = requested()
    claude.will(
        says({"outcome": "clarify", "resources": [], "questions": [], "reason": "Which engine?"})
    )
    asked = requested()
    assert [row.usage and row.usage.input_tokens for row in (refused, asked)] == [60, 60]


def test_with_the_fallback_an_outage_is_bridged_and_said(portal: Portal) -> None:
    with asked(portal, parser_fallback=True) as server:
        server.will(fails(529, "overloaded_error"))
        row = requested()
    assert row.status == "completed", row.error
    assert "read by the rules parser instead" in " ".join(row.notes)


LIES: dict[str, dict[str, Any]] = {
    "a quote that is not there": answer(
        POSTGRES, {"name": "multi_az", "value": "false", "quote": "no multi-AZ"}
    ),
    "a value out of bounds": answer(
        POSTGRES, {"name": "allocated_storage_gb", "value": "9999999", "quote": "200 GB"}
    ),
    "a type that the catalog lacks": answer(POSTGRES, type="mainframe"),
    "an environment that nobody named": answer(
        POSTGRES, environment="staging", environment_quote="stage"
    ),
    "an engine of its own invention": answer(
        {"name": "engine", "value": "cassandra", "quote": "Postgres"}
    ),
    "another number than the quoted one": answer(
        POSTGRES, {"name": "allocated_storage_gb", "value": "400", "quote": "200 GB"}
    ),
    "another engine than the quoted one": answer(
        {"name": "engine", "value": "mysql", "quote": "Postgres"}
    ),
    "code as a value": answer(
        {"name": "engine", "value": '${file("/etc/passwd")}', "quote": "Postgres"}
    ),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie_is_sent_back_once_and_then_becomes_a_question(
    claude: ClaudeServer, lie: dict[str, Any]
) -> None:
    claude.will(says(lie), says(lie))
    row = requested()
    assert (row.status, row.error_code) == ("failed", "needs_clarification")
    assert 1 <= len(row.questions) <= 3
    assert len(claude.received) == 2
    assert row.usage is not None
    assert row.usage.calls == 2


def test_a_mended_answer_is_taken_and_both_calls_are_counted(claude: ClaudeServer) -> None:
    claude.will(says(LIES["a quote that is not there"]), says(RIGHT))
    row = requested()
    assert row.status == "completed", row.error
    assert row.usage is not None
    assert (row.usage.calls, row.usage.input_tokens) == (2, 120)


INVENTED = [
    {"name": "tags", "value": "Owner=mallory", "quote": "payments"},
    {"name": "tags.Team", "value": "mallory", "quote": "payments"},
    {"name": "master_password", "value": "mallory", "quote": "payments"},
    {"name": "engine[0].x", "value": "mallory", "quote": "Postgres"},
]


@pytest.mark.parametrize("invented", INVENTED, ids=lambda one: one["name"])
def test_a_parameter_of_its_own_invention_never_reaches_the_terraform(
    claude: ClaudeServer, invented: dict[str, str]
) -> None:
    claude.will(says(answer(POSTGRES, invented)), says(answer(POSTGRES, invented)))
    row = requested()
    assert row.generated is not None, row.error
    written = "".join(text for one in row.generated.resources for text in one.files.values())
    assert "mallory" not in written
    assert "has no parameter" in " ".join(row.notes)


def test_a_name_of_its_own_invention_is_not_used(claude: ClaudeServer) -> None:
    claude.will(
        says(answer(POSTGRES, application="mallory")), says(answer(POSTGRES, application="mallory"))
    )
    row = requested()
    assert [question["id"] for question in row.questions] == ["application"]
    assert row.generated is None


def test_the_same_entry_twice_is_not_two_where_the_text_asks_for_one(
    claude: ClaudeServer,
) -> None:
    twice = RIGHT | {"resources": RIGHT["resources"] * 2}
    claude.will(says(twice), says(twice))
    row = requested()
    assert (row.status, row.error_code) == ("failed", "needs_clarification")
    assert "does not say that 2 are wanted" in row.error


def test_a_nul_in_the_models_words_is_paid_for_once(claude: ClaudeServer) -> None:
    asked_back = {
        "id": "rds.engine",
        "text": "Which\0 engine?",
        "choices": ["a\0b"],
        "recommended": None,
    }
    claude.will(
        says({"outcome": "clarify", "resources": [], "questions": [asked_back], "reason": "\0"})
    )
    row = requested()
    assert (row.status, row.error_code) == ("failed", "needs_clarification")
    assert row.questions[0]["choices"] == ["a\ufffdb"]
    assert len(claude.received) == 1

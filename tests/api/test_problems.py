"""One shape for everything that goes wrong, whoever refuses."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from provisioning.api.errors import NotJsonError, every_kind
from provisioning.api.json_body import MOST_LEVELS, _levels
from provisioning.api.root import api
from provisioning.api.schemas.problem import Invalid, Problem

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal")]
BODY = {"request": "staging bucket for logs", "requester": "ana@example.com"}
NAMES = {"detail", "error_code", "message", "hint", "fields", "retryable", "retry_after",
         "questions", "call_id"}  # fmt: skip


def sent(client: Client, body: bytes | str, kind: str = "application/json") -> Any:
    return client.generic("POST", "/api/v1/provision", body, content_type=kind)


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()
    assert (answer.status_code, found["error_code"]) == (status, code), found
    assert found.keys() == NAMES
    (Invalid if isinstance(found["detail"], list) else Problem).model_validate(found)
    assert found["message"]
    assert found["hint"]
    assert found["call_id"] == answer.headers["X-Request-ID"]
    return found


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/requests/req-a1b2c3d4e5f6/status", 404, "not_found"),
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v1/catalog/banana", 404, "not_found"),
        ("GET", "/api/v1/provision", 405, "method_not_allowed"),
        ("POST", "/api/v1/webhooks/github", 401, "bad_signature"),
        ("POST", "/api/v1/provision", 422, "invalid_input"),
        ("GET", "/api/v1/requests?user=a&limit=0", 422, "invalid_input"),
        ("GET", "/api/v1/requests?user=a&usr=b", 422, "unknown_parameter"),
    ],
)
def test_every_refusal_has_the_one_shape(
    client: Client, method: str, path: str, status: int, code: str
) -> None:
    refused(client.generic(method, path), status, code)


def test_who_is_calling_is_asked_in_the_same_shape(
    client: Client, portal: Callable[..., None]
) -> None:
    portal(demo=False)
    found = refused(client.get("/api/v1/catalog"), 401, "unauthorized")
    assert found["fields"] == []


def test_a_field_at_fault_is_named_for_programs_and_people(client: Client) -> None:
    answer = sent(client, json.dumps({"request": 7, "requester": "ana@example.com"}))
    found = refused(answer, 422, "invalid_input")

    [field] = found["fields"]
    assert (field["field"], field["place"]) == ("request", "body")
    assert found["message"] == "request: Input should be a valid string."
    assert found["detail"] == [
        {"type": field["code"], "loc": ["body", "request"], "msg": field["message"]}
    ]


def test_a_caller_may_bring_the_id_of_the_call(client: Client) -> None:
    own = {"X-Request-ID": "trace-0123456789"}
    assert client.get("/api/v1/nothing", headers=own).json()["call_id"] == "trace-0123456789"
    for odd in ("short", "a b c d e f g", "x" * 65, '"><script>'):
        answer = client.get("/api/v1/nothing", headers={"X-Request-ID": odd})
        assert answer.json()["call_id"] not in ("", odd)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_parameter_is_refused_by_name(client: Client, method: str) -> None:
    found = refused(client.get("/api/v1/requests?user=a&limt=3"), 422, "unknown_parameter")
    assert found["detail"][0]["loc"] == ["query", "limt"]
    assert "'limit'" in found["message"]
    answer = sent(client, json.dumps(BODY))
    assert answer.status_code == 200
    answer = client.post("/api/v1/provision?dry=1", BODY, content_type="application/json")
    refused(answer, 422, "unknown_parameter")
    refused(client.get("/api/v1/requests?user=a&user=b"), 422, "unknown_parameter")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"{", "Expecting property name"),
        (b"[object Object]", "did not write its object as JSON"),
        (b'{"request": "a", "request": "b"}', "'request' twice"),
        (b'{"answers": {"a": "1", "a": "2"}}', "'a' twice"),
        (b'{"request": "\xff"}', "not UTF-8"),
        (b'{"request": NaN}', "no NaN"),
        (b'{"request": ' + b"1" * 5000 + b"}", "nobody can hold"),
        (b"[" * 100 + b"]" * 100, "nested deeper"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "nested deeper"),
        (b"[" * 200_000, "nested deeper"),
        ((b'{"a":' * MOST_LEVELS) + b"1" + (b"}" * MOST_LEVELS), "nested deeper"),
    ],
)
def test_a_body_that_is_no_plain_json_is_refused_in_words(
    client: Client, body: bytes, said: str
) -> None:
    found = refused(sent(client, body), 400, "not_json")
    assert said in found["message"]


@pytest.mark.parametrize("body", [b"7", b'"text"', b"[]", b"null", b"true", b"{}", b""])
def test_json_that_is_no_object_is_refused(client: Client, body: bytes) -> None:
    refused(sent(client, body), 422, "invalid_input")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"]
)
def test_another_content_type_is_refused_with_the_header_to_send(client: Client, kind: str) -> None:
    found = refused(sent(client, json.dumps(BODY), kind), 415, "wrong_content_type")
    assert "Content-Type: application/json" in found["hint"]


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "Application/JSON", "application/vnd.api+json"]
)
def test_json_by_another_spelling_is_taken(client: Client, kind: str) -> None:
    assert sent(client, json.dumps(BODY), kind).status_code == 200


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
        max_leaves=8,
    )
)
def test_levels_are_counted_as_they_are_nested(body: Any) -> None:
    def depth(value: Any) -> int:
        items = list(value.values()) if isinstance(value, dict) else value
        inner = items if isinstance(items, list) else []
        return 1 + max(map(depth, inner), default=0)

    assert _levels(body) == min(depth(body), MOST_LEVELS + 1)


def test_the_description_lists_every_code_and_no_other() -> None:
    schemas = api.get_openapi_schema()["components"]["schemas"]
    listed = schemas["Problem"]["properties"]["error_code"]["enum"]
    assert set(listed) == {kind.code for kind in every_kind()}
    assert NotJsonError.code in listed

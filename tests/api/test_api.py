import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django_q.models import OrmQ

from provisioning.models import ProvisionRequest
from provisioning.requests import tasks
from tests.support.people import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal")]
Portal = Callable[..., None]

BODY = {
    "request": "production Postgres database for payments API",
    "requester": "user@company.com",
    "team": "payments-team",
    "service": "payments-api",
    "environment": "prod",
}


def post(client: Client, path: str, body: object, **headers: str) -> tuple[int, dict[str, Any]]:
    data = body if isinstance(body, str) else json.dumps(body)
    response = client.post(
        f"/api/v1/{path}", data, content_type="application/json", headers=headers
    )
    return response.status_code, response.json()


def test_a_request_is_queued_with_its_place_in_the_queue(client: Client) -> None:
    status, answer = post(client, "provision", BODY)

    assert status == 200
    assert answer["status"] == "queued"
    assert answer["message"] == "Request queued for processing"
    row = ProvisionRequest.objects.get(request_id=answer["request_id"])
    assert (row.text, row.team, row.environment) == (BODY["request"], "payments-team", "prod")
    assert OrmQ.objects.count() == 1
    assert [event.status for event in row.events.all()] == ["queued"]


def test_the_status_has_every_field_of_the_contract(client: Client) -> None:
    _, made = post(client, "provision", BODY)
    answer = client.get(f"/api/v1/requests/{made['request_id']}/status").json()

    assert answer["request_text"] == BODY["request"]
    assert answer["status"] == "queued"
    assert answer["created_at"].endswith("Z")
    assert len(answer["created_at"]) == len("2025-12-19T10:00:00Z")
    for name in ("pr_url", "pr_number", "branch_name", "completed_at", "error", "requirements"):
        assert answer[name] is None, name


def test_a_completed_request_answers_the_environment_that_was_understood(client: Client) -> None:
    _, made = post(client, "provision", BODY | {"environment": None})
    tasks.run_request(made["request_id"])
    answer = client.get(f"/api/v1/requests/{made['request_id']}/status").json()

    assert answer["status"] == "completed"
    assert answer["environment"] == answer["requirements"]["environment"] == "prod"


@pytest.mark.parametrize("request_id", ["req-a1b2c3d4e5f6", "req-1", "nonsense", "req-%00", "ü"])
def test_an_unknown_id_is_not_found(client: Client, request_id: str) -> None:
    response = client.get(f"/api/v1/requests/{request_id}/status")
    assert response.status_code == 404
    assert response.json()["detail"].endswith(" not found")


def test_the_list_is_of_one_user_newest_first_and_bounded(client: Client) -> None:
    made = [post(client, "provision", BODY)[1]["request_id"] for _ in range(3)]
    post(client, "provision", BODY | {"requester": "other@company.com"})

    answer = client.get("/api/v1/requests", {"user": "user@company.com", "limit": "2"}).json()

    assert [row["request_id"] for row in answer["requests"]] == made[:0:-1]
    assert (answer["count"], answer["user"]) == (2, "user@company.com")


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"request": ""}, "request", "Say in one sentence"),
        ({"request": " \n "}, "request", "Say in one sentence"),
        ({"request": "x" * 4001}, "request", "4000 are allowed"),
        ({"request": "a\x00b"}, "request", "U+0000"),
        ({"request": "a\x1bb"}, "request", "U+001B"),
        ({"request": 7}, "request", "string"),
        ({"requester": ""}, "requester", "Say who asks"),
        ({"requester": "x" * 201}, "requester", "200 are allowed"),
        ({"team": "a\nb"}, "team", "invisible character"),
        ({"team": ["a"]}, "team", "string"),
        ({"team": "R&D (EU)"}, "team", "AWS does not take & ( )"),
        ({"service": "pay; drop"}, "service", "AWS does not take ;"),
        ({"team": "AWS:core"}, "team", "not begin with aws:"),
        ({"requester": "ana <ana@example.com>"}, "requester", "AWS does not take < >"),
        ({"environment": "banana"}, "environment", "Allowed: dev, staging, prod"),
        ({"answers": {"rds.engine": 3}}, "answers", "string"),
        ({"follow_up_of": "req-000000000000"}, "follow_up_of", "There is no request"),
    ],
)
def test_bad_input_is_refused_with_the_field_and_what_to_do(
    client: Client, change: dict[str, object], field: str, said: str
) -> None:
    status, answer = post(client, "provision", BODY | change)
    assert status == 422
    problem = answer["detail"][0]
    assert problem["loc"][:2] == ["body", field]
    assert said in problem["msg"]
    assert not ProvisionRequest.objects.exists()


def test_a_missing_field_is_named(client: Client) -> None:
    status, answer = post(client, "provision", {"requester": "user@company.com"})
    assert (status, answer["detail"][0]["loc"]) == (422, ["body", "request"])


def test_what_is_not_json_is_said(client: Client) -> None:
    status, answer = post(client, "provision", "{")
    assert (status, answer["error_code"]) == (400, "not_json")
    assert answer["detail"].startswith("The body is not JSON: Expecting")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "many", ""])
def test_a_limit_out_of_range_is_named(client: Client, limit: str) -> None:
    response = client.get("/api/v1/requests", {"user": "a", "limit": limit})
    assert response.status_code == 422
    assert response.json()["detail"][0]["loc"] == ["query", "limit"]


def test_an_environment_is_known_by_its_spellings(client: Client) -> None:
    _, made = post(client, "provision", BODY | {"environment": "Production"})
    assert ProvisionRequest.objects.get(request_id=made["request_id"]).environment == "prod"


def test_the_same_key_and_body_give_the_same_request_and_another_body_is_refused(
    client: Client,
) -> None:
    key = {"Idempotency-Key": "task-1:step-2"}
    first = post(client, "provision", BODY, **key)[1]
    assert post(client, "provision", BODY, **key)[1]["request_id"] == first["request_id"]
    status, answer = post(client, "provision", BODY | {"team": "other"}, **key)
    assert (status, answer["error_code"]) == (422, "idempotency_conflict")
    assert answer["detail"][0]["loc"] == ["header", "Idempotency-Key"]
    assert str(first["request_id"]) in answer["detail"][0]["msg"]
    assert ProvisionRequest.objects.count() == 1


def test_a_repeat_under_the_same_key_answers_how_the_request_is_by_then(client: Client) -> None:
    key = {"Idempotency-Key": "task-1:step-2"}
    first = post(client, "provision", BODY, **key)[1]
    tasks.run_request(first["request_id"])
    status, again = post(client, "provision", BODY, **key)

    assert (status, again["request_id"], again["status"]) == (
        200, first["request_id"], "completed"
    )  # fmt: skip
    assert again["pr_url"].startswith("http")
    assert again["message"] == "The request of this Idempotency-Key is completed"


def test_outside_the_demo_the_api_wants_its_token(
    client: Client, portal: Portal, settings: object
) -> None:
    secret = type(settings.PORTAL.secret_key)("correct horse battery staple")  # type: ignore[attr-defined]
    portal(demo=False, api_token=secret)

    response = client.get("/api/v1/requests", {"user": "a"})
    assert response.status_code == 401
    assert "API_TOKEN" in response.json()["detail"]
    assert response["WWW-Authenticate"] == "Bearer"
    assert (
        client.get("/api/v1/requests?user=a", headers={"Authorization": "Bearer wrong"}).status_code
        == 401
    )
    good = {"Authorization": "Bearer correct horse battery staple"}
    assert client.get("/api/v1/requests?user=a", headers=good).status_code == 200
    assert client.get("/api/v1/health").status_code == 200


def test_without_a_token_in_the_settings_no_token_opens_the_api(
    client: Client, portal: Portal
) -> None:
    portal(demo=False, api_token=None)
    for token in ("", "None", "null"):
        assert (
            client.get(
                "/api/v1/requests?user=a", headers={"Authorization": f"Bearer {token}"}
            ).status_code
            == 401
        )


def test_a_person_sees_and_asks_for_themselves_and_their_team_only(
    client: Client, portal: Portal
) -> None:
    portal(demo=False)
    ana = make_user("ana", "payments")
    rows = {
        name: ProvisionRequest.objects.create(text="bucket", requester=name, team=team, user=user)
        for name, team, user in [
            ("ana", "", ana),
            ("bob", "payments", None),
            ("eve", "other", None),
        ]
    }
    client.force_login(ana)

    seen = {
        name: client.get(f"/api/v1/requests/{row.request_id}/status").status_code
        for name, row in rows.items()
    }

    assert seen == {"ana": 200, "bob": 200, "eve": 404}
    status, answer = post(client, "provision", BODY)
    assert status == 422
    assert answer["detail"][0]["loc"] == ["body", "requester"]


def test_a_session_changes_something_only_with_its_csrf_token(portal: Portal) -> None:
    portal(demo=False)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.create_user("ana", "ana@example.com"))
    # Of no team: a person may name only one that they are in.
    body = json.dumps(BODY | {"requester": "ana@example.com", "team": ""})

    def sent(**headers: str) -> int:
        path = "/api/v1/provision"
        return browser.post(
            path, body, content_type="application/json", headers=headers
        ).status_code

    assert sent() == 403
    browser.get("/login")
    assert sent(**{"X-CSRFToken": browser.cookies["csrftoken"].value}) == 200


def test_whose_request_one_may_not_see_is_no_request_to_follow(portal: Portal) -> None:
    """The answer is the one for a request that does not exist, so nobody learns of it."""
    portal(demo=False)
    ben, ana = Client(), Client()
    ben.force_login(make_user("ben"))
    ana.force_login(make_user("ana"))
    alone = {"request": BODY["request"], "environment": "prod"}
    _, made = post(ben, "provision", alone | {"request": "a dev queue for mails"})
    follow = {"follow_up_of": made["request_id"]}

    status, answer = post(ana, "provision", alone | follow)
    assert (status, answer["detail"][0]["loc"]) == (422, ["body", "follow_up_of"])
    assert answer["detail"][0]["msg"].startswith("There is no request")
    assert post(ben, "provision", alone | follow)[0] == 200


def test_without_a_session_nobody_is_asked_for_a_csrf_token(portal: Portal) -> None:
    anybody = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    assert post(anybody, "provision", BODY)[0] == 200
    portal(demo=False)
    assert post(anybody, "provision", BODY)[0] == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_in_the_same_browser_may_not_use_the_demo(client: Client, site: str) -> None:
    assert post(client, "provision", BODY, **{"Sec-Fetch-Site": site})[0] == 401


def test_a_secret_in_the_text_is_neither_stored_nor_repeated(client: Client) -> None:
    secret = "AKIA" + "IOSFODNN7EXAMPLE"
    status, answer = post(client, "provision", BODY | {"request": f"bucket with key {secret}"})
    assert status == 422
    assert answer["detail"][0]["type"] == "credential_in_text"
    assert secret not in json.dumps(answer)
    assert not ProvisionRequest.objects.exists()


def test_the_documentation_needs_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/docs").content.decode()
    assert "swagger" in page.lower()
    assert "//cdn" not in page
    assert client.get("/openapi.json").json()["info"]["version"] == "0.2.0"


@pytest.mark.parametrize(
    ("name", "meant"),
    [("enviroment", "environment"), ("Team", "team"), ("followUpOf", "follow_up_of"),
     ("requestor", "requester"), ("services", "service")],
)  # fmt: skip
@pytest.mark.parametrize("operation", ["provision", "dry-run"])
def test_a_near_miss_of_a_fields_name_is_refused_by_name(
    client: Client, operation: str, name: str, meant: str
) -> None:
    if operation == "dry-run" and meant == "follow_up_of":
        return
    status, answer = post(client, operation, BODY | {name: "prod"})
    assert status == 422
    [problem] = answer["detail"]
    assert problem["loc"] == ["body", name]
    assert f"'{meant}'" in problem["msg"]


@pytest.mark.parametrize("operation", ["provision", "dry-run"])
def test_other_unknown_fields_are_ignored_and_said_so(client: Client, operation: str) -> None:
    status, answer = post(client, operation, BODY | {"priority": 1, "cost_center": {"a": []}})
    assert (status, answer["ignored"]) == (200, ["cost_center", "priority"])
    assert post(client, operation, BODY)[1]["ignored"] == []


def test_links_follow_public_url(client: Client, portal: Callable[..., None]) -> None:
    assert post(client, "provision", BODY)[1]["html_url"].startswith("http://localhost/requests/")
    portal(public_url="https://portal.example")
    made = post(client, "provision", BODY)[1]
    address = f"https://portal.example/requests/{made['request_id']}"
    assert made["html_url"] == address
    status = client.get(f"/api/v1/requests/{made['request_id']}/status").json()
    assert status["html_url"] == address
    types = client.get("/api/v1/catalog").json()["types"]
    assert all(one["html_url"].startswith("https://portal.example/catalog/") for one in types)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/v1/provision"), ("DELETE", "/api/v1/requests"), ("PUT", "/api/v1/dry-run"), ("PATCH", "/api/v1/health")],
)  # fmt: skip
def test_a_method_that_is_not_there_is_said_in_json(client: Client, method: str, path: str) -> None:
    answer = client.generic(method, path)
    assert answer.status_code == 405
    assert answer.headers["Content-Type"].startswith("application/json")
    assert "detail" in answer.json()
    assert answer.headers["Allow"]

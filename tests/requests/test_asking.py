"""Questions and answers over the API, with the embedded parser: what is asked, how often, and how an answer goes on."""

import json
from typing import Any

import pytest
from django.test import Client

from provisioning.pipeline.understand import MAX_QUESTIONS
from provisioning.requests import tasks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("portal")]


def provisioned(client: Client, text: str, **more: object) -> dict[str, Any]:
    body = json.dumps({"request": text, "requester": "user@company.com", **more})
    made = client.post("/api/v1/provision", body, content_type="application/json").json()
    tasks.run_request(made["request_id"])
    answer: dict[str, Any] = client.get(f"/api/v1/requests/{made['request_id']}/status").json()
    return answer


def answered(client: Client, asked: dict[str, Any], answers: dict[str, str]) -> dict[str, Any]:
    return provisioned(
        client, asked["request_text"], answers=answers, follow_up_of=asked["request_id"]
    )


def test_a_question_is_a_failed_request_with_choices_and_a_recommendation(client: Client) -> None:
    asked = provisioned(client, "SQL database for staging, school-run, 20 GB")
    assert (asked["status"], asked["error_code"]) == ("failed", "needs_clarification")
    [question] = asked["questions"]
    assert question["id"] == "rds.engine"
    assert question["choices"] == ["postgres", "mysql"]
    assert question["recommended"] == "postgres"
    assert question["text"] in asked["error"]


@pytest.mark.parametrize(
    ("text", "question", "answer", "value"),
    [
        ("SQL database for staging, school-run", "rds.engine", "mysql", "mysql"),
        ("Postgres or MySQL in dev for gardeners", "rds.engine", "postgres", "postgres"),
        ("eks in dev with 3 or 5 nodes for tides", "eks.node_groups[0].desired_size", "5", 5),
        ("lambda for tiler in dev with 20 GB of memory", "lambda.memory_mb", "10240", 10240),
        ("queue for doorman in dev, fifo, not fifo", "sqs.fifo", "yes", True),
    ],
)
def test_an_answer_goes_on_where_the_question_was(
    client: Client, text: str, question: str, answer: str, value: object
) -> None:
    asked = provisioned(client, text)
    assert [one["id"] for one in asked["questions"]] == [question]
    assert answer in asked["questions"][0]["choices"]

    done = answered(client, asked, {question: answer})

    parameter = question.partition(".")[2]
    assert done["status"] == "completed", done["error"]
    assert done["requirements"]["parameters"][parameter] == value
    assert done["requirements"]["origins"][parameter]["kind"] == "answer"


def test_the_type_and_then_its_engine_are_asked_one_after_the_other(client: Client) -> None:
    first = provisioned(client, "I need a database for the zoo in dev")
    assert [question["id"] for question in first["questions"]] == ["resource_type"]
    second = answered(client, first, {"resource_type": "rds"})
    assert [question["id"] for question in second["questions"]] == ["rds.engine"]
    done = answered(client, second, {"resource_type": "rds", "rds.engine": "mysql"})
    assert done["status"] == "completed", done["error"]
    assert done["requirements"]["resource_type"] == "rds"


def test_two_environments_that_do_not_go_together_are_asked(client: Client) -> None:
    asked = provisioned(client, "Production bucket for maps. It runs in staging.")
    assert [question["id"] for question in asked["questions"]] == ["environment"]
    done = answered(client, asked, {"environment": "staging"})
    assert done["requirements"]["environment"] == "staging"
    assert done["requirements"]["origins"]["environment"]["kind"] == "answer"


def test_never_more_than_three_questions(client: Client) -> None:
    asked = provisioned(
        client,
        "lambda for tiler, dev or prod, 256 or 512 MB, python or node, timeout 10 or 20 seconds, x86 or arm",
    )
    assert asked["error_code"] == "needs_clarification"
    assert len(asked["questions"]) == MAX_QUESTIONS


def test_an_answer_that_is_not_possible_says_what_is(client: Client) -> None:
    response = client.post("/api/v1/provision", json.dumps({"request": "SQL database for staging",
        "requester": "ana", "answers": {"rds.engine": "access"}}), content_type="application/json")  # fmt: skip
    assert response.status_code == 422
    assert "postgres, mysql" in json.dumps(response.json())
    assert "answers" in json.dumps(response.json())


def test_a_follow_up_of_nothing_is_refused(client: Client) -> None:
    body = json.dumps(
        {"request": "bucket", "requester": "u", "answers": {}, "follow_up_of": "req-000000000000"}
    )
    response = client.post("/api/v1/provision", body, content_type="application/json")
    assert response.status_code == 422
    assert "There is no request" in response.json()["detail"][0]["msg"]


TEN = (
    "For the marathon app in staging: a bucket, a queue, a topic, a Postgres database, an EKS cluster, a VPC 10.50.0.0/16, "
    "a DynamoDB table, a Lambda function, a Redis cache and a Kinesis stream."
)


def test_ten_resources_in_one_text_are_ten_directories(client: Client) -> None:
    done = provisioned(client, TEN)
    assert done["status"] == "completed", done["error"]
    assert len({resource["directory"] for resource in done["resources"]}) == 10
    assert {resource["environment"] for resource in done["resources"]} == {"staging"}
    assert {resource["application"] for resource in done["resources"]} == {"marathon"}


@pytest.mark.parametrize("text", ["production bucket for maps", "bucket for maps in dev and prod"])
def test_the_field_wins_over_the_text_and_a_note_says_so(client: Client, text: str) -> None:
    done = provisioned(client, text, environment="staging")
    assert done["status"] == "completed", done["error"]
    [resource] = done["resources"]
    assert resource["environment"] == "staging"
    assert "The field was used." in " ".join(done["notes"])


def test_invisible_characters_change_nothing(client: Client) -> None:
    plain = provisioned(client, "staging bucket for maps")
    hidden = provisioned(client, "sta\u200bging buc\u2060ket \u202efor\u202c atl\ufeffas")
    assert hidden["request_text"] == "staging bucket for atlas"
    assert hidden["requirements"]["parameters"] == plain["requirements"]["parameters"]


def test_a_text_of_four_thousand_characters_is_read(client: Client) -> None:
    text = "staging bucket for maps. " + "We look forward to it. " * 200
    done = provisioned(client, text[:4000])
    assert done["status"] == "completed", done["error"]
    assert done["requirements"]["application"] == "maps"

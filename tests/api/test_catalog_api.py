"""`GET /api/v1/catalog`: programs read the same folders as people."""

from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from provisioning.catalog.json_schema import parameters_schema, per_environment
from tests.support.built_in import CATALOG

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal")]
NAMES = sorted(CATALOG.types)


def one(client: Client, name: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/catalog/{name}").json()
    return found


def test_the_list_has_every_type_with_its_page(client: Client) -> None:
    answer = client.get("/api/v1/catalog").json()
    assert [row["type"] for row in answer["types"]] == NAMES
    assert answer["count"] == len(NAMES)
    assert answer["environments"] == ["dev", "staging", "prod"]
    for row in answer["types"]:
        assert all(row[name] for name in ("title", "summary", "group"))
        assert row["html_url"] == f"http://localhost/catalog/{row['type']}"


@pytest.mark.parametrize("name", NAMES)
def test_a_type_tells_what_its_folder_says(client: Client, name: str) -> None:
    file, answer = CATALOG.types[name].file, one(client, name)
    assert [rule["message"] for rule in answer["policies"]] == [
        policy.message for policy in file.policy
    ]
    assert [rule["message"] for rule in answer["relations"]] == [
        rule.message for rule in file.relation
    ]
    assert [example["text"] for example in answer["examples"]] == [
        example.text for example in file.examples
    ]
    assert answer["not_offered"] == file.not_offered
    assert set(answer["parameters"]["properties"]) == set(CATALOG.types[name].parameters)
    assert {step["name"] for step in answer["certificate"]["steps"]} >= {
        "closed template",
        "checkov",
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_is_one_and_the_examples_and_defaults_keep_it(name: str) -> None:
    resource_type = CATALOG.types[name]
    schema = parameters_schema(CATALOG, resource_type)
    jsonschema_rs.meta.validate(schema)
    loose = jsonschema_rs.Draft202012Validator({**schema, "required": []})
    for example in resource_type.file.examples:
        flat = {path: value for path, value in example.parameters.items() if "[" not in path}
        loose.validate(flat)
    for environment, values in per_environment(CATALOG, resource_type).items():
        stated = {
            path: value
            for path, value in values.items()
            if value is not None and not isinstance(value, list)
        }
        assert not [error.message for error in loose.iter_errors(stated)], environment


def test_the_schema_refuses_what_the_portal_refuses(client: Client) -> None:
    rds = jsonschema_rs.Draft202012Validator(one(client, "rds")["parameters"])
    assert rds.is_valid({"engine": "postgres", "engine_version": "17", "allocated_storage_gb": 100})
    for wrong in (
        {},
        {"engine": "oracle"},
        {"engine": "postgres", "engine_version": "8.4"},
        {"engine": "postgres", "allocated_storage_gb": 1},
        {"engine": "postgres", "region": "us-east-1", "instance_type": "db.m1.small"},
        {"engine": "postgres", "colour": "blue"},
    ):
        assert not rds.is_valid(wrong), wrong


def test_defaults_that_differ_by_environment_are_named_for_each(client: Client) -> None:
    properties = one(client, "rds")["parameters"]["properties"]
    assert properties["multi_az"]["x-defaults"]["prod"] is True
    assert properties["maintenance_window"]["default"] == "sun:04:30-sun:05:30"
    assert properties["kms_key_arn"]["x-set-by-platform"] is True
    assert properties["allocated_storage_gb"]["x-unit"] == "GB"


@pytest.mark.parametrize("name", ["mainframe", "S3", "s3%00", "..", "ü"])
def test_an_unknown_type_is_not_found(client: Client, name: str) -> None:
    response = client.get(f"/api/v1/catalog/{name}")
    assert response.status_code == 404
    assert "not found" in response.json()["detail"].lower()


def test_outside_the_demo_the_catalog_needs_a_token(client: Client, portal: Any) -> None:
    portal(demo=False)
    assert client.get("/api/v1/catalog").status_code == 401
    assert client.get("/api/v1/catalog/s3").status_code == 401


def test_the_description_of_the_api_has_both(client: Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert paths["/api/v1/catalog"]["get"]["operationId"] == "catalog"
    assert paths["/api/v1/catalog/{type}"]["get"]["operationId"] == "catalog_type"

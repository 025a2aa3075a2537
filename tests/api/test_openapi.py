"""The wire contract, as it is committed: a change of it is a change of `docs/openapi.json` that a reviewer sees."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ninja.responses import NinjaJSONEncoder

from provisioning.api.root import api

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = ROOT / "docs/openapi.json"
# Renewed with each release, together with the heading in CHANGELOG.md.
RELEASED_FIELDS = Path(__file__).with_name("fields_of_the_last_release.txt")
VERBS = ("get", "post", "put", "patch", "delete")


def current() -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), cls=NinjaJSONEncoder))
    return whole


def fields(schemas: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in schemas.items():
        for field, about in schema.get("properties", {}).items():
            yield f"{name}.{field}", about


def is_made_of_described_schemas(about: dict[str, Any]) -> bool:
    """A field whose own fields have examples needs none of its own."""
    return "$ref" in json.dumps(about)


def answers() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in current()["paths"].items():
        for verb in VERBS:
            for status, answer in operations.get(verb, {}).get("responses", {}).items():
                yield f"{verb} {path} {status}", answer


def test_the_api_is_the_one_that_is_committed() -> None:
    assert current() == json.loads(SNAPSHOT.read_text()), (
        "The API changed. If that is meant: make openapi, and a line in CHANGELOG.md."
    )


def test_every_field_says_what_it_is() -> None:
    found = dict(fields(current()["components"]["schemas"]))

    assert "StatusOut.status" in found
    assert not [name for name, about in found.items() if not about.get("description")]


def test_every_field_shows_an_example() -> None:
    found = dict(fields(current()["components"]["schemas"]))

    assert not [
        name
        for name, about in found.items()
        if not about.get("examples") and not is_made_of_described_schemas(about)
    ]


def test_every_answer_and_error_has_a_schema() -> None:
    schemas = {
        f"{name} {kind}": content["schema"]
        for name, answer in answers()
        for kind, content in answer.get("content", {}).items()
    }

    assert len(schemas) > 30
    assert not [name for name, schema in schemas.items() if not schema]


def test_a_field_that_came_or_went_since_the_last_release_is_in_the_changelog() -> None:
    released = set(RELEASED_FIELDS.read_text().split())
    now = {name for name, _ in fields(current()["components"]["schemas"])}
    newest = (ROOT / "CHANGELOG.md").read_text().split("\n## ")[1]

    assert not [name for name in now ^ released if f"`{name.rpartition('.')[2]}`" not in newest]

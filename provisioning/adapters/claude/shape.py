"""The shape of Claude's answer, as it is asked for and as it is read.

The service's structured output knows no bounds and no free keys, so everything is a string, a list or an enumeration:
https://docs.claude.com/en/docs/build-with-claude/structured-outputs#json-schema-limitations
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from provisioning.catalog import Catalog


class Part(BaseModel):
    """Absent parts are empty when an answer is read; the schema asks for all of them."""

    model_config = ConfigDict(extra="forbid")


class AnswerValue(Part):
    name: str
    value: str
    quote: str


class AnswerResource(Part):
    type: str
    count: int = 1
    count_quote: str = ""
    application: str
    environment: str | None
    environment_quote: str
    parameters: list[AnswerValue]


class AnswerQuestion(Part):
    id: str
    text: str
    choices: list[str]
    recommended: str | None


class AnswerUnmet(Part):
    quote: str
    why: str


class Answer(Part):
    outcome: Literal["ok", "clarify", "reject"]
    resources: list[AnswerResource]
    questions: list[AnswerQuestion]
    unmet: list[AnswerUnmet] = []
    reason: str


def schema(catalog: Catalog) -> dict[str, Any]:
    """The catalog's types and environments are the only ones that can be answered."""
    whole = Answer.model_json_schema()
    parts = whole["$defs"]
    for part in (whole, *parts.values()):
        part["required"] = list(part["properties"])
        for described in part["properties"].values():
            described.pop("default", None)
    resource = parts["AnswerResource"]["properties"]
    resource["type"] = {"type": "string", "enum": list(catalog.types)}
    environments = {"type": "string", "enum": list(catalog.environments)}
    resource["environment"] = {"anyOf": [environments, {"type": "null"}]}
    return whole

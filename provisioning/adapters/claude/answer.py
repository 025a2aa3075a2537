"""Claude's answer as a reading."""

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from provisioning.adapters.claude.prompt import Answer, AnswerResource, AnswerValue
from provisioning.catalog import Catalog
from provisioning.domain import ParameterValue, Question, Reading, ReadResource, ReadValue, Usage
from provisioning.errors import AnswerCutOffError, AnswerUnreadableError, ModelRefusedError

if TYPE_CHECKING:
    from anthropic.types import Message


def reading(message: "Message", catalog: Catalog, usage: Usage) -> Reading:
    """Raises `ModelRefusedError`, or the kind of it that fits."""
    answer = _answer(message)
    return Reading(
        outcome=answer.outcome,
        resources=tuple(_resource(resource, catalog) for resource in answer.resources),
        questions=tuple(
            Question(q.id, q.text, tuple(q.choices), q.recommended) for q in answer.questions
        ),
        reason=answer.reason,
        parser="claude",
        usage=usage,
    )


def _answer(message: "Message") -> Answer:
    if message.stop_reason == "refusal":
        raise ModelRefusedError(
            "Claude declined to read this request. Say it in other words, or fill in the form's fields."
        )
    if message.stop_reason == "max_tokens":
        raise AnswerCutOffError(
            "Claude's answer was cut off at its limit. Ask for fewer resources at once."
        )
    text = "".join(block.text for block in message.content if block.type == "text" and block.text)
    try:
        return Answer.model_validate(_without_nul(Answer.model_validate_json(text).model_dump()))
    except ValidationError as error:
        raise AnswerUnreadableError(
            "Claude's answer was not in the agreed form. Submit the request again."
        ) from error


def _without_nul(value: Any) -> Any:
    """Postgres stores no NUL, and nobody means one."""
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, dict):
        return {name: _without_nul(one) for name, one in value.items()}
    return [_without_nul(one) for one in value] if isinstance(value, list | tuple) else value


def _resource(resource: AnswerResource, catalog: Catalog) -> ReadResource:
    return ReadResource(
        type=resource.type,
        parameters=tuple(
            ReadValue(v.name, _value(v, resource.type, catalog), v.quote)
            for v in resource.parameters
        ),
        application=resource.application,
        environment=resource.environment,
        environment_quote=resource.environment_quote,
    )


def _value(value: AnswerValue, type_name: str, catalog: Catalog) -> ParameterValue:
    """As the catalog's type says; what does not fit stays text, and the check of the claims finds it."""
    resource_type = catalog.types.get(type_name)
    parameter = resource_type.field(value.name) if resource_type else None
    kind: str = parameter.type if parameter else "string"
    text = value.value.strip()
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind in {"integer", "number"}:
        return _number(text)
    return tuple(part.strip() for part in text.split(",")) if kind == "array" else text


def _number(text: str) -> int | float | str:
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return text

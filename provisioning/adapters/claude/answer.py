"""Claude's answer as a reading."""

from dataclasses import replace
from typing import TYPE_CHECKING

from provisioning.adapters.claude.shape import Answer, AnswerResource, AnswerValue
from provisioning.domain import Question, Reading, ReadResource, ReadValue, Unmet, Usage
from provisioning.domain.legible import legible_json
from provisioning.errors import AnswerCutOffError, AnswerUnreadableError, ModelRefusedError

if TYPE_CHECKING:
    from anthropic.types import Message


def reading(message: "Message", usage: Usage) -> Reading:
    """Raises `ModelRefusedError`, or the kind of it that fits."""
    answer, text = _answer(message)
    return replace(reading_of(answer), usage=usage, answer=text)


def reading_of(answer: Answer) -> Reading:
    return Reading(
        outcome=answer.outcome,
        resources=tuple(_resource(resource) for resource in answer.resources),
        questions=tuple(
            Question(q.id, q.text, tuple(q.choices), q.recommended) for q in answer.questions
        ),
        reason=answer.reason,
        parser="claude",
        unmet=tuple(Unmet(one.quote, one.why) for one in answer.unmet),
    )


def _answer(message: "Message") -> tuple[Answer, str]:
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
        return Answer.model_validate(legible_json(text)), text
    except ValueError as error:  # of JSON, or pydantic's own
        raise AnswerUnreadableError(
            "Claude's answer was not in the agreed form. Submit the request again."
        ) from error


def _resource(resource: AnswerResource) -> ReadResource:
    return ReadResource(
        type=resource.type,
        parameters=tuple(_value(value) for value in resource.parameters),
        application=resource.application,
        environment=resource.environment,
        environment_quote=resource.environment_quote,
        count=resource.count,
        count_quote=resource.count_quote,
    )


def _value(value: AnswerValue) -> ReadValue:
    """As text: the pipeline settles it by the catalog."""
    return ReadValue(value.name, value.value, value.quote)

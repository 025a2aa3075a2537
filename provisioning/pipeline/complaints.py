"""What is wrong with a claim: a sentence for the parser's second try, and the question for the requester if that fails too."""

from dataclasses import dataclass

from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.values import choices_of
from provisioning.domain import Question, ReadValue, Submission
from provisioning.pipeline.corrections import nearest_bound

# Buttons in a row of the page.
MAX_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Complaint:
    """Without a question the claim is dropped with its sentence as a note."""

    sentence: str
    question: Question | None = None


def about_type(catalog: Catalog, name: str) -> Complaint:
    types = tuple(catalog.types)
    sentence = f"{name[:40]!r} is not in the catalog. Choose one of: {', '.join(types)}."
    question = Question("resource_type", "Which resource do you need?", types[:MAX_CHOICES])
    return Complaint(sentence, question)


def about_environment(catalog: Catalog, submission: Submission, name: str) -> Complaint:
    """Nothing is asked where a field or an answer says it anyway."""
    sentence = f"The environment {name[:40]!r} is not said in the text."
    if submission.environment is not None or "environment" in submission.answers:
        return Complaint(sentence)
    question = Question("environment", "Which environment is it for?", catalog.environments)
    return Complaint(sentence, question)


def about_value(
    catalog: Catalog,
    resource_type: ResourceType,
    read: ReadValue,
    field: FieldSpec,
    sentence: str,
) -> Complaint:
    listed = choices_of(catalog, field, {}) or ()
    choices = tuple(str(choice) for choice in listed[:MAX_CHOICES])
    choices = choices or tuple(map(str, nearest_bound(field, read.value)))
    # What is merely possible is not recommended.
    recommended = None if field.recommended is None else str(field.recommended)
    text = f"{sentence} What should it be?"
    question = Question(f"{resource_type.name}.{read.name}", text, choices, recommended)
    return Complaint(sentence, question)

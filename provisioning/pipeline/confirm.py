"""Is this what you mean? Asked where a reading is not certain, or would make many things at once."""

import hashlib
from collections import Counter

from provisioning.catalog import Catalog
from provisioning.catalog.spellings import names_type
from provisioning.domain import CONFIRM, NO, YES, Question, Reading, Requirements, Submission
from provisioning.errors import ClarificationNeededError
from provisioning.pipeline.sentence import outline

# Of one type from one sentence: where a reader mistakes a figure for a count, it is rarely a small one.
MOST_UNCONFIRMED = 3
MEANT = " Is this what you mean: "


def confirmed(
    catalog: Catalog, submission: Submission, reading: Reading, requirements: Requirements
) -> None:
    """Raises `ClarificationNeededError` with the question `CONFIRM` unless there is no need for it
    or it was answered with `YES`. A yes that names what it is to (`yes_to`) counts for nothing else."""
    why = (
        reading.confirm
        or _unnamed(catalog, submission, requirements)
        or _uncounted(requirements)
        or _many(catalog, requirements)
    )
    if not why:
        return
    answer = submission.answers.get(CONFIRM)
    text = f"{why}{MEANT}{requirements.sentence or outline(catalog, requirements)}"
    if answer in {YES, yes_to(text)}:
        return
    # What it was not is all that was said; only another text can say what it is.
    if answer == NO:
        text = text.replace(why, "Then say it in other words: change the text and submit it again.")
    raise ClarificationNeededError(text, [Question(CONFIRM, text, (YES, NO))])


def yes_to(question: str) -> str:
    """The answer that confirms what this question says is meant, and nothing else: between the
    question and its answer somebody may have changed the text, or a model its mind."""
    meant = question.partition(MEANT)[2]
    return f"{YES}:{hashlib.sha256(meant.encode()).hexdigest()[:12]}"


def _unnamed(catalog: Catalog, submission: Submission, requirements: Requirements) -> str:
    """A type that was concluded, be it rightly: "somewhere to keep sessions"."""
    if "resource_type" in submission.answers:
        return ""
    for name in dict.fromkeys(resource.type for resource in requirements.resources):
        if not names_type(catalog, name, submission.text):
            return f"Nothing in the text names the type {catalog.types[name].file.title}."
    return ""


def _uncounted(requirements: Requirements) -> str:
    """A number of things that no words say."""
    for resource in requirements.resources:
        if resource.count.origin.kind == "inferred":
            return f"The text does not say that {resource.count.value} are wanted."
    return ""


def _many(catalog: Catalog, requirements: Requirements) -> str:
    counted = Counter(resource.type for resource in requirements.resources)
    for type_name, count in counted.items():
        if count > MOST_UNCONFIRMED:
            return f"That is {count} times {catalog.types[type_name].file.title}."
    return ""

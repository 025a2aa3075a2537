"""Sentence + catalog → requirements. The parser claims; this module believes only what the text, a field or an answer shows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from provisioning.catalog import Catalog
from provisioning.domain import (
    Question,
    Reading,
    Requirements,
    Submission,
    Usage,
    Violation,
)
from provisioning.errors import (
    ClarificationNeededError,
    OutOfScopeError,
    PolicyViolationError,
    PortalError,
)
from provisioning.pipeline.claims import Claimed, review
from provisioning.pipeline.complaints import Complaint
from provisioning.pipeline.complete import complete
from provisioning.pipeline.confirm import confirmed
from provisioning.pipeline.said_beside import open_questions, sentence
from provisioning.pipeline.sentence import Sentences
from provisioning.ports import RequestParser

# More at once is a form, and people who write a sentence did not want a form.
MAX_QUESTIONS = 3
# More of them would make the second try no better.
MOST_COMPLAINTS = 20


def understand(
    parser: RequestParser,
    catalog: Catalog,
    submission: Submission,
    sentences: Sentences | None = None,
) -> Requirements:
    """Asks the parser once, and once more when its answer does not hold. With `sentences` the
    requirements are said in words, too. Raises `ClarificationNeededError` with questions,
    `OutOfScopeError`, `PolicyViolationError`, or what the parser raises; the error tells what was
    spent."""
    reading = parser.read(submission, catalog)
    with _spent(reading.usage):
        claims = review(catalog, submission, reading)
        complaints = _complaints(claims)
        if complaints:
            reading = _repaired(parser, catalog, submission, reading, complaints)
            claims = review(catalog, submission, reading)
    with _spent(reading.usage):
        requirements = _checked(catalog, submission, reading, claims)
        if sentences:
            requirements = replace(requirements, sentence=sentences.of(requirements))
        confirmed(catalog, submission, reading, requirements)
        return requirements


def _complaints(claims: Sequence[Claimed]) -> list[Complaint]:
    complaints: list[Complaint] = []
    for claimed in claims:
        complaints += claimed.complaints
    return complaints


def _checked(
    catalog: Catalog, submission: Submission, reading: Reading, claims: Sequence[Claimed]
) -> Requirements:
    _stop_unless_ok(reading)
    # A refusal before any question: nobody should answer three of them to hear no at the end.
    violations = _refusals(claims)
    if violations:
        raise PolicyViolationError(violations)
    complaints = _complaints(claims)
    doubts, told = open_questions(catalog, submission, reading)
    wrong = [complaint.question for complaint in complaints if complaint.question]
    _ask([*wrong, *doubts])
    requirements, questions = complete(catalog, submission, reading, claims)
    _ask(questions)
    told += [complaint.sentence for complaint in complaints if not complaint.question]
    if reading.reason:
        told.append(sentence(reading.reason))
    return replace(requirements, notes=(*requirements.notes, *told[:MOST_COMPLAINTS]))


def _refusals(claims: Sequence[Claimed]) -> list[Violation]:
    refusals: list[Violation] = []
    for claimed in claims:
        refusals += claimed.refused
    return refusals


@contextmanager
def _spent(usage: Usage) -> Iterator[None]:
    """What the model cost is told by an error too."""
    try:
        yield
    except PortalError as error:
        error.usage = usage if error.usage is None else _sum(usage, error.usage)
        raise


def _repaired(
    parser: RequestParser,
    catalog: Catalog,
    submission: Submission,
    first: Reading,
    complaints: Sequence[Complaint],
) -> Reading:
    sentences = [complaint.sentence for complaint in complaints][:MOST_COMPLAINTS]
    second = parser.read(submission, catalog, sentences, first.answer)
    return replace(second, usage=_sum(first.usage, second.usage))


def _sum(first: Usage, second: Usage) -> Usage:
    return replace(
        second,
        input_tokens=first.input_tokens + second.input_tokens,
        output_tokens=first.output_tokens + second.output_tokens,
        cache_read_tokens=first.cache_read_tokens + second.cache_read_tokens,
        cache_write_tokens=first.cache_write_tokens + second.cache_write_tokens,
        cost_usd=first.cost_usd + second.cost_usd,
        calls=first.calls + second.calls,
    )


def _stop_unless_ok(reading: Reading) -> None:
    if reading.outcome == "reject":
        nothing = "The portal cannot provide this. Ask for one of the catalog's resource types."
        raise OutOfScopeError(reading.reason or nothing)
    # An "ok" without a resource asks for nothing.
    if reading.outcome == "clarify" or not reading.resources:
        questions = reading.questions or (Question("resource_type", "Which resource do you need?"),)
        reason = reading.reason or questions[0].text
        raise ClarificationNeededError(reason, questions[:MAX_QUESTIONS])


def _ask(questions: Sequence[Question]) -> None:
    if not questions:
        return
    # Two claims about one parameter give the same question.
    unique = {question.id: question for question in questions}
    first = list(unique.values())[:MAX_QUESTIONS]
    raise ClarificationNeededError(" ".join(question.text for question in first), first)

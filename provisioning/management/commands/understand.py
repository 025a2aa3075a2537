"""What the portal would do with each text of a file, for measuring: nothing is stored, queued or published."""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provisioning import wiring
from provisioning.catalog import Catalog
from provisioning.catalog.paths import parse_path
from provisioning.domain import CONFIRM, YES, Requirements, Resource, Submission
from provisioning.errors import ClarificationNeededError, PortalError, UpstreamUnavailableError
from provisioning.pipeline import policy
from provisioning.pipeline.screen import screen
from provisioning.pipeline.understand import understand
from provisioning.ports import RequestParser

# What the command answers itself, and lists under "asked".
ANSWERS = {CONFIRM: YES, "application": "unnamed"}
# Labels are about what a text says; a form field or a default is nobody's reading.
STATED = frozenset({"text", "inferred", "answer"})


class Command(BaseCommand):
    help = "Reads texts (JSON lines with id and text) and writes what was understood (JSON lines)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--input", type=Path, metavar="CORPUS.jsonl")
        parser.add_argument("--output", type=Path, metavar="PREDICTIONS.jsonl")
        parser.add_argument(
            "--explain", metavar="TEXT", help="say why the embedded parser reads it so"
        )
        parser.add_argument("--parser", choices=["rules", "claude"], default="rules")

    def handle(self, *_: Any, **options: Any) -> None:
        catalog = wiring.catalog()
        if options["explain"]:
            self.stdout.write("\n".join(explanation(catalog, options["explain"])))
            return
        if not options["input"] or not options["output"]:
            raise CommandError("Give --input and --output, or a text to --explain.")
        parser = _parser(options["parser"])
        lines = []
        for row in _rows(options["input"]):
            predicted = {"id": row["id"], **predict(parser, catalog, row["text"])}
            lines.append(json.dumps(predicted, ensure_ascii=False))
        options["output"].write_text("\n".join(lines) + "\n", encoding="utf-8")
        self.stdout.write(f"{len(lines)} texts were read by {parser.name}.")


def _rows(file: Path) -> Iterator[Mapping[str, str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def _parser(name: str) -> RequestParser:
    from provisioning.adapters.rules import Rules

    if name == "rules":
        return Rules()
    parser = wiring.parser()
    if parser.name != "claude":
        raise CommandError("Claude is not configured. Set ANTHROPIC_API_KEY.")
    return parser


def explanation(catalog: Catalog, text: str) -> Iterator[str]:
    """Each value with its words and the rule that proposed it, then what makes the reading sure or not."""
    from provisioning.adapters.rules import Rules, explained

    submission = Submission(screen(text), "measure@example.com")
    reading = Rules().read(submission, catalog)
    yield f"{reading.outcome}: {reading.reason}" if reading.reason else reading.outcome
    for resource in reading.resources:
        where = resource.environment or "no environment"
        yield f"{resource.type} {resource.application!r} in {where}"
        for value in resource.parameters:
            yield f"  {value.name} = {value.value!r}: {value.quote!r}, by {value.rule}"
    sure = explained(submission, catalog)
    if sure:
        words = ", ".join(map(repr, sure.words)) or "no word"
        yield f"went into nothing: {words}"
        for name, weight in sure.facts.items():
            if weight:
                yield f"  {name}: {weight:.2f}"
        yield f"doubt: {sure.doubt():.2f}"
    yield f"confirmation: {reading.confirm or 'none'}"
    for note in reading.notes:
        yield f"note: {note}"


def predict(parser: RequestParser, catalog: Catalog, text: str) -> dict[str, Any]:
    """The outcome in the words of the request sets (ok, clarify, reject), and only what was stated, no defaults.
    Raises `UpstreamUnavailableError`: an outage of Claude says nothing about how it reads."""
    nothing: dict[str, Any] = {"requirements": []}
    try:
        submission = Submission(screen(text), "measure@example.com")
        requirements, asked = _understood(parser, catalog, submission)
    except UpstreamUnavailableError:
        raise
    except ClarificationNeededError as error:
        questions = [question.id for question in error.questions]
        return {"outcome": "clarify", **nothing, "error": error.message, "questions": questions}
    except PortalError as error:
        return {"outcome": "reject", **nothing, "error": error.message}
    predicted: dict[str, Any] = {"outcome": "ok"}
    if asked:
        predicted["asked"] = asked
    predicted.update(_said(requirements))
    predicted["requirements"] = [_requirement(resource) for resource in requirements.resources]
    return predicted


def _understood(
    parser: RequestParser, catalog: Catalog, submission: Submission
) -> tuple[Requirements, list[str]]:
    """The requirements, and what was asked before them: a confirmation or a name, answered here, for
    neither is a question about what the text says."""
    asked: list[str] = []
    while True:
        try:
            return policy.apply(catalog, understand(parser, catalog, submission)), asked
        except ClarificationNeededError as error:
            ids = {question.id for question in error.questions}
            # The same question again: our answer was not taken, and would not be for ever.
            if not ids <= ANSWERS.keys() - asked:
                raise
            asked += sorted(ids)
            answers = {name: ANSWERS[name] for name in asked}
            submission = replace(submission, answers=answers)


def _said(requirements: Requirements) -> dict[str, Any]:
    """What the requester is told beside the values."""
    return {
        "notes": list(requirements.notes),
        "unmet": [asdict(one) for one in requirements.unmet],
    }


def _requirement(resource: Resource) -> dict[str, Any]:
    stated = {}
    origins = {}
    for path, value in resource.parameters.items():
        if value.origin.kind in STATED:
            stated[path] = value.value
            origins[path] = value.origin.kind
    return {
        "resource_type": resource.type,
        "environment": resource.environment.value,
        "resource_name": resource.name,
        "application": resource.application.value,
        "parameters": _nested(stated),
        "origins": origins,
    }


def _nested(stated: Mapping[str, Any]) -> dict[str, Any]:
    """ "node_groups[0].min_size" becomes a field of an item of a list."""
    whole: dict[str, Any] = {}
    for text, value in stated.items():
        path = parse_path(text)
        if path is None or path.item is None:
            whole[text] = value
            continue
        rows: list[dict[str, Any]] = whole.setdefault(path.parameter, [])
        while len(rows) <= path.item:
            rows.append({})
        rows[path.item][path.field] = value
    return whole

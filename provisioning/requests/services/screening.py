"""A submission as it is stored, whoever sent it and however."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace

from provisioning import wiring
from provisioning.catalog.settle import settle_environment
from provisioning.domain import Submission
from provisioning.errors import InvalidInputError
from provisioning.pipeline.answers import canonical_answers
from provisioning.pipeline.screen import screen, screen_field
from provisioning.pipeline.tag_values import refuse_tag_values

MOST_ANSWERS = 50
LIMITS = {"requester": 200, "team": 100, "service": 100}


def validate_submission(submission: Submission) -> Submission:
    """Text and fields checked, the environment by its canonical name. Raises `InvalidInputError`."""
    if not submission.requester.strip():
        raise InvalidInputError("requester", "Say who asks: an e-mail address or a user name.")
    fields = {
        name: screen_field(name, getattr(submission, name), limit) for name, limit in LIMITS.items()
    }
    environment = _canonical_environment(submission.environment)
    refuse_tag_values(wiring.catalog(), fields)
    return replace(
        submission,
        text=screen(submission.text),
        environment=environment,
        answers=_answers(submission.answers),
        **fields,
    )


def _answers(answers: Mapping[str, str]) -> dict[str, str]:
    if len(answers) > MOST_ANSWERS:
        raise InvalidInputError("answers", f"At most {MOST_ANSWERS} answers, not {len(answers)}.")
    visible = {
        screen_field("answers", name, 120): screen_field(f"answers.{name[:60]}", said, 500)
        for name, said in answers.items()
    }
    return canonical_answers(wiring.catalog(), visible)


def _canonical_environment(name: str | None) -> str | None:
    """ "Production" → "prod"."""
    if name is None or not name.strip():
        return None
    return settle_environment(wiring.catalog(), "environment", name)


def digest(submission: Submission, edits: Mapping[str, str] | None = None) -> str:
    """Of what decides the outcome: two submissions with one digest ask for the same."""
    content = asdict(replace(submission, follow_up_of=""))
    if edits:
        content["edits"] = dict(edits)
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

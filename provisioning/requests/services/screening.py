"""A submission as it is stored, whoever sent it and however."""

import hashlib
import json
from dataclasses import asdict, replace

from provisioning import wiring
from provisioning.domain import Submission
from provisioning.errors import InvalidInputError
from provisioning.pipeline.screen import screen, screen_field

LIMITS = {"requester": 200, "team": 100, "service": 100}


def validate_submission(submission: Submission) -> Submission:
    """Text and fields checked, the environment by its canonical name. Raises `InvalidInputError`."""
    if not submission.requester.strip():
        raise InvalidInputError("requester", "Say who asks: an e-mail address or a user name.")
    fields = {
        name: screen_field(name, getattr(submission, name), limit) for name, limit in LIMITS.items()
    }
    answers = {screen_field("answers", key, 120): screen_field("answers", value, 500)
               for key, value in submission.answers.items()}  # fmt: skip
    environment = _canonical_environment(submission.environment)
    return replace(
        submission, text=screen(submission.text), environment=environment, answers=answers, **fields
    )


def _canonical_environment(name: str | None) -> str | None:
    """ "Production" → "prod"."""
    if name is None or not name.strip():
        return None
    word = name.strip().lower()
    environments = wiring.catalog().platform.environments
    for canonical, environment in environments.items():
        if word == canonical or word in (spelling.lower() for spelling in environment.spellings):
            return canonical
    allowed = ", ".join(environments)
    raise InvalidInputError(
        "environment", f"{name[:40]!r} is not an environment. Allowed: {allowed}."
    )


def digest(submission: Submission) -> str:
    """Of what decides the outcome: two submissions with one digest ask for the same."""
    submission = replace(submission, follow_up_of="")
    return hashlib.sha256(json.dumps(asdict(submission), sort_keys=True).encode()).hexdigest()

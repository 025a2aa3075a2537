"""What a pull request would hold, and that it is what the submission gets which comes after."""

from typing import Any

from provisioning import wiring
from provisioning.domain import Generated, Submission
from provisioning.domain.identity import Caller
from provisioning.identity import offers
from provisioning.models import Preview, as_json
from provisioning.pipeline.generate import generate
from provisioning.pipeline.understand import understand
from provisioning.requests.services.asking import previewed_for
from provisioning.requests.services.ranges import with_free_ranges
from provisioning.requests.services.readiness import refuse_example_values
from provisioning.requests.services.screening import digest, validate_submission


def preview(submission: Submission, caller: Caller | None = None) -> Generated:
    """What the pull request would hold. Creates nothing; may raise every error of understanding and checking."""
    checked = previewed_for(caller, submission) if caller else validate_submission(submission)
    catalog = wiring.catalog()
    understood = understand(wiring.preview_parser(), catalog, checked, wiring.sentences())
    offers.refuse_what_is_not_allowed(catalog.platform.allow, checked.team, understood.resources)
    refuse_example_values(understood)
    return generate(catalog, wiring.preview_checker(), with_free_ranges(understood))


def keep_preview(submission: Submission, generated: Generated, caller: Caller | None) -> str:
    """A token by which `submit` builds exactly this, as long as the submission is still the same."""
    kept = Preview.objects.create(
        user_id=caller.user if caller else None,
        submission_digest=digest(validate_submission(submission)),
        requirements_json=as_json(generated.requirements),
    )
    return kept.token


def previewed(token: str, checked: Submission) -> Any:
    """The stored requirements of that preview, as they go into the request's row; None where there is none."""
    if not token:
        return None
    kept = Preview.objects.filter(token=token, submission_digest=digest(checked)).first()
    return kept.requirements_json if kept else None

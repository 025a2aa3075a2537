"""What a pull request would hold, and that it is what the submission gets which comes after."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils import timezone

from provisioning import wiring
from provisioning.domain import Generated, Requirements, Submission, Violation
from provisioning.domain.identity import Caller
from provisioning.errors import (
    ClarificationNeededError,
    PolicyViolationError,
    StalePreviewError,
)
from provisioning.identity import offers
from provisioning.models import KEPT, Preview, as_json, from_json
from provisioning.pipeline.edits import edited, values_at, written
from provisioning.pipeline.generate import generate
from provisioning.pipeline.understand import understand
from provisioning.requests.services.asking import previewed_for
from provisioning.requests.services.networks import with_known_networks
from provisioning.requests.services.ranges import with_free_ranges
from provisioning.requests.services.readiness import refuse_example_values
from provisioning.requests.services.screening import digest, validate_submission

CHANGED = (
    "The request has changed since the preview, so nothing was opened. "
    "This is what it makes now: look at it, then open it."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview as its requester sees it. `generated` is None where `broken` says which rules forbid it."""

    kept: Preview
    submission: Submission
    requirements: Requirements
    generated: Generated | None
    broken: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class _Of:
    """What a preview is made of, and whose it is."""

    checked: Submission
    understood: Requirements
    edits: Mapping[str, str]
    user: int | None


def preview(submission: Submission, caller: Caller | None = None) -> Generated:
    """What the pull request would hold. Creates nothing; may raise every error of understanding and checking."""
    return _generated(_checked(submission, caller), read(submission, caller))


def read(submission: Submission, caller: Caller | None) -> Requirements:
    """What the sentence, the fields and the answers say, before policy. Raises what `understand` raises."""
    checked = _checked(submission, caller)
    return understand(wiring.preview_parser(), wiring.catalog(), checked, wiring.sentences())


def show(
    submission: Submission,
    understood: Requirements,
    edits: Mapping[str, str],
    caller: Caller | None,
) -> Shown:
    """A preview of what was understood with these edits, kept for the submission after it. Nothing is
    read again, so a model that would answer otherwise this time has no say. Raises `InvalidInputError`
    for an edit that is not possible, and what `generate` raises but for broken rules."""
    checked = _checked(submission, caller)
    wanted = _with_edits(checked, understood, edits)
    of = _Of(checked, understood, edits, caller.user if caller else None)
    try:
        generated = _generated(checked, wanted)
    except PolicyViolationError as error:
        broken = error.requirements or wanted
        return Shown(_keep(of, broken, blocked=True), checked, broken, None, error.violations)
    except ClarificationNeededError as error:
        if not edits:
            raise
        clashes = _clashes(wanted, error)
        return Shown(_keep(of, wanted, blocked=True), checked, wanted, None, clashes)
    allowed = generated.requirements
    return Shown(_keep(of, allowed, blocked=False), checked, allowed, generated)


def _clashes(wanted: Requirements, error: ClarificationNeededError) -> tuple[Violation, ...]:
    """Defaults that cannot stand beside an edit are changed by an edit, and not by an answer."""
    types = [resource.type for resource in wanted.resources]
    found = []
    for question in error.questions:
        type_name, _, path = question.id.partition(".")
        # Places of edits count resources from 1, as `values_at` does.
        number = 1 + types.index(type_name)
        found.append(Violation(question.text, f"{number}.{path}", question.choices))
    return tuple(found)


def shown_again(kept: Preview) -> Shown:
    """A preview that is kept, for whoever may see it. Raises what `generate` raises: since it was
    made, the catalog may have changed."""
    submission = Submission(**kept.submission_json)
    requirements = _requirements(kept)
    try:
        # No free range is looked for again: a colleague sees the one that the requester saw.
        generated = generate(wiring.catalog(), wiring.preview_checker(), requirements)
    except PolicyViolationError as error:
        return Shown(kept, submission, requirements, None, error.violations)
    except ClarificationNeededError as error:
        return Shown(kept, submission, requirements, None, _clashes(requirements, error))
    return Shown(kept, submission, generated.requirements, generated)


def keep_preview(submission: Submission, generated: Generated, caller: Caller | None) -> str:
    """A token by which `submit` builds exactly this, as long as the submission is still the same."""
    checked = _checked(submission, caller)
    understood = generated.requirements
    of = _Of(checked, understood, {}, caller.user if caller else None)
    return _keep(of, understood, blocked=False).token


def kept_preview(token: str) -> Preview | None:
    """None for one that nobody made, or that is older than a week."""
    # Old rows go when the next one is kept, which may be long after their week.
    oldest = timezone.now() - KEPT
    return Preview.objects.filter(token=token, created_at__gte=oldest).first() if token else None


def understood_before(
    kept: Preview | None, submission: Submission, caller: Caller
) -> Requirements | None:
    """What was read for a preview of the same submission, by the same person; None where it has to be read."""
    if kept is None or kept.submission_digest != digest(_checked(submission, caller)):
        return None
    return from_json(Requirements, kept.understood_json) if _is_of_catalog(kept) else None


def edits_after(kept: Preview, said: Mapping[str, str], taken_back: str = "") -> dict[str, str]:
    """The preview's edits and those which controls make that say something else than it showed. A
    control that is empty, or as it was read, takes its edit back."""
    shown = _written(_requirements(kept))
    read_as = _written(from_json(Requirements, kept.understood_json) or _requirements(kept))
    # A place that the preview did not show had no control; what is sent for it is ignored.
    changed = {place: value for place, value in said.items() if shown.get(place, value) != value}
    edits = {**kept.edits, **changed}
    unchanged = [place for place, value in edits.items() if value in ("", read_as.get(place))]
    for place in (taken_back, *unchanged):
        edits.pop(place, None)
    return edits


def previewed(token: str, checked: Submission, caller: Caller | None) -> Preview | None:
    """The preview that a submission names; None where it names none. Raises `StalePreviewError` for
    one of another sentence, other fields or answers, or of somebody else, and for one that a rule
    forbids, or that is too old."""
    if not token:
        return None
    kept = kept_preview(token)
    user = caller.user if caller else None
    # The token stands in the link that colleagues get: it alone must not be enough to submit.
    if kept is None or kept.user_id != user or kept.submission_digest != digest(checked):
        raise StalePreviewError(CHANGED)
    if kept.blocked:
        raise StalePreviewError("A rule forbids what the preview shows: change it first.")
    return kept


def _is_of_catalog(kept: Preview) -> bool:
    """A preview may outlive a type that it was made with."""
    types = wiring.catalog().types
    return all(one.type in types for one in _requirements(kept).resources)


def refuse_outdated(kept: Preview) -> None:
    """Raises `StalePreviewError` where another network got a range that the preview showed, or its type left the catalog."""
    if not _is_of_catalog(kept):
        raise StalePreviewError("The catalog has changed since the preview: look at it again.")
    shown = _requirements(kept)
    try:
        now = with_free_ranges(shown)
    except PolicyViolationError as error:
        raise StalePreviewError(CHANGED) from error
    if now != shown:
        raise StalePreviewError(CHANGED)


def _checked(submission: Submission, caller: Caller | None) -> Submission:
    """The portal asks for itself without a caller."""
    return previewed_for(caller, submission) if caller else validate_submission(submission)


def _with_edits(
    checked: Submission, understood: Requirements, edits: Mapping[str, str]
) -> Requirements:
    if not edits:
        return understood
    changed = edited(wiring.catalog(), checked, understood, edits)
    return replace(changed, sentence=wiring.sentences().of(changed))


def _generated(checked: Submission, wanted: Requirements) -> Generated:
    catalog = wiring.catalog()
    # After the edits: they must not reach what the sentence could not.
    offers.refuse_what_is_not_allowed(catalog.platform.allow, checked.team, wanted.resources)
    refuse_example_values(wanted)
    # Ranges first: a network of the same request says with its own who may connect.
    return generate(
        catalog, wiring.preview_checker(), with_known_networks(with_free_ranges(wanted))
    )


def _keep(of: _Of, shown: Requirements, *, blocked: bool) -> Preview:
    Preview.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return Preview.objects.create(
        user_id=of.user,
        submission_digest=digest(of.checked),
        submission_json=asdict(of.checked),
        understood_json=as_json(of.understood),
        edits=dict(of.edits),
        requirements_json=as_json(shown),
        blocked=blocked,
    )


def _requirements(kept: Preview) -> Requirements:
    found: Any = from_json(Requirements, kept.requirements_json)
    requirements: Requirements = found
    return requirements


def _written(requirements: Requirements) -> dict[str, str]:
    return {place: written(value.value) for place, value in values_at(requirements)}

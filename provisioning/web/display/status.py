"""Where a request is, in a word, an icon and a color that always come together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provisioning.domain.status import Status
from provisioning.errors import Outcome, PortalError, by_code
from provisioning.pipeline.transitions import diff_states

if TYPE_CHECKING:
    from provisioning.models import ProvisionRequest, PullRequest


@dataclass(frozen=True, slots=True)
class Pill:
    """`kind` is the color's name in the stylesheet; `running` turns the icon and counts the time on."""

    kind: str
    word: str
    icon: str
    running: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """A status of a request that still runs, everywhere it is shown: `title` is its line in the progress, `sentence` what
    a screen reader hears when it begins."""

    pill: Pill
    title: str
    sentence: str


PHASES: Mapping[Status, Phase] = {
    Status.QUEUED: Phase(
        Pill("idle", "Queued", "clock", running=True), "Queued", "The request waits for a worker."
    ),
    Status.PARSING: Phase(
        Pill("run", "Understanding", "running", running=True),
        "Understand",
        "The request is being understood.",
    ),
    Status.GENERATING: Phase(
        Pill("run", "Writing Terraform", "running", running=True),
        "Write and check Terraform",
        "Terraform is being written and checked.",
    ),
    Status.CREATING_PR: Phase(
        Pill("run", "Opening pull request", "running", running=True),
        "Open pull request",
        "The pull request is being opened.",
    ),
}
PULL_REQUEST = {
    "open": Pill("ok", "Pull request open", "pull-request"),
    "merged": Pill("merged", "Merged", "merged"),
    "closed": Pill("idle", "Closed without merging", "failed"),
}
# Color and icon of a request that ended without a pull request.
OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    "failed": ("bad", "failed"),
    "refused": ("bad", "shield"),
    "stopped": ("idle", "stopped"),
    "question": ("warn", "question"),
}


def pill(provision_request: "ProvisionRequest") -> Pill:
    status = Status(provision_request.status)
    if status in PHASES:
        return PHASES[status].pill
    if status is Status.FAILED:
        return _ended(by_code(provision_request.error_code))
    opened = provision_request.opened
    return PULL_REQUEST.get(opened.state if opened else "open", PULL_REQUEST["open"])


def _ended(failure: type[PortalError]) -> Pill:
    color, icon = OUTCOMES[failure.outcome]
    return Pill(color, failure.label, icon)


def standing(opened: "PullRequest") -> list[str]:
    """Reviews, checks and the end of a pull request, as the host told them at the last look."""
    return [words for _, words in diff_states(None, opened.seen)] if opened.seen else []


def sentence(provision_request: "ProvisionRequest") -> str:
    """What a screen reader hears when the status changes."""
    status = Status(provision_request.status)
    if status is Status.COMPLETED and provision_request.opened:
        return f"Done. Pull request {provision_request.opened.number} is {provision_request.opened.state}."
    if status is Status.FAILED:
        return f"{pill(provision_request).word}. {provision_request.error}"
    return PHASES[status].sentence if status in PHASES else pill(provision_request).word

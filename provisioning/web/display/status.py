"""Where a request is, in a word, an icon and a color that always come together."""

from dataclasses import dataclass

from provisioning.models import ProvisionRequest, PullRequest, Status
from provisioning.pipeline.transitions import diff_states


@dataclass(frozen=True, slots=True)
class Pill:
    """`kind` is the color's name in the stylesheet; `running` turns the icon and counts the time on."""

    kind: str
    word: str
    icon: str
    running: bool = False


WORKING = {
    Status.QUEUED: Pill("idle", "Queued", "clock", running=True),
    Status.PARSING: Pill("run", "Understanding", "running", running=True),
    Status.GENERATING: Pill("run", "Writing Terraform", "running", running=True),
    Status.CREATING_PR: Pill("run", "Opening pull request", "running", running=True),
}
PULL_REQUEST = {
    "open": Pill("ok", "Pull request open", "pull-request"),
    "merged": Pill("merged", "Merged", "merged"),
    "closed": Pill("idle", "Closed without merging", "failed"),
}
STOPPED = {
    "needs_clarification": Pill("warn", "Needs an answer", "question"),
    "policy_violation": Pill("bad", "Refused by policy", "shield"),
    "out_of_scope": Pill("bad", "Not offered", "failed"),
    "cancelled": Pill("idle", "Cancelled", "stopped"),
}
SENTENCES = {
    Status.QUEUED: "The request waits for a worker.",
    Status.PARSING: "The request is being understood.",
    Status.GENERATING: "Terraform is being written and checked.",
    Status.CREATING_PR: "The pull request is being opened.",
}


def pill(provision_request: ProvisionRequest) -> Pill:
    status = Status(provision_request.status)
    if status in WORKING:
        return WORKING[status]
    if status is Status.FAILED:
        return STOPPED.get(provision_request.error_code, Pill("bad", "Failed", "failed"))
    opened = provision_request.opened
    return PULL_REQUEST.get(opened.state if opened else "open", PULL_REQUEST["open"])


def standing(opened: PullRequest) -> list[str]:
    """Reviews, checks and the end of a pull request, as the host told them at the last look."""
    return [words for _, words in diff_states(None, opened.seen)] if opened.seen else []


def sentence(provision_request: ProvisionRequest) -> str:
    """What a screen reader hears when the status changes."""
    status = Status(provision_request.status)
    if status is Status.COMPLETED and provision_request.opened:
        return f"Done. Pull request {provision_request.opened.number} is {provision_request.opened.state}."
    if status is Status.FAILED:
        return f"{pill(provision_request).word}. {provision_request.error}"
    return SENTENCES.get(status, pill(provision_request).word)

"""The six states of a request; `docs/architecture.md` draws the ways between them.

They are the wire contract's, so nothing is added to them: how a request failed or what became of its pull request is told by
other fields.
"""

from enum import StrEnum


class Status(StrEnum):
    QUEUED = "queued"
    PARSING = "parsing"
    GENERATING = "generating"
    CREATING_PR = "creating_pr"
    COMPLETED = "completed"
    # Also where the portal asks or refuses: clients of the contract poll until one of these two.
    FAILED = "failed"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Status.QUEUED: "Queued",
    Status.PARSING: "Understanding",
    Status.GENERATING: "Writing Terraform",
    Status.CREATING_PR: "Opening the pull request",
    Status.COMPLETED: "Pull request opened",
    Status.FAILED: "Failed",
}
WORKING = (Status.PARSING, Status.GENERATING, Status.CREATING_PR)
TERMINAL = (Status.COMPLETED, Status.FAILED)
UNFINISHED = (Status.QUEUED, *WORKING)
# As Django's fields and forms take them.
STATUS_CHOICES = [(str(status), label) for status, label in LABELS.items()]

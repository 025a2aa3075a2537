"""The six states of a request; `docs/architecture.md` draws the ways between them."""

from django.db import models


class Status(models.TextChoices):
    QUEUED = "queued", "Queued"
    PARSING = "parsing", "Understanding"
    GENERATING = "generating", "Writing Terraform"
    CREATING_PR = "creating_pr", "Opening the pull request"
    COMPLETED = "completed", "Pull request opened"
    FAILED = "failed", "Failed"


WORKING = (Status.PARSING, Status.GENERATING, Status.CREATING_PR)
TERMINAL = (Status.COMPLETED, Status.FAILED)
UNFINISHED = (Status.QUEUED, *WORKING)

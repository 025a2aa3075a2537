"""Who writes to a directory of the repository: one of our requests, or an open pull request of anybody."""

from django.db import models

from provisioning.models.provision_request import ProvisionRequest


class DirectoryHold(models.Model):
    """Keeps a directory for one request while its pull request is being opened."""

    directory = models.CharField(max_length=300, unique=True, help_text="Path in the repository")
    provision_request = models.ForeignKey(
        ProvisionRequest, models.CASCADE, related_name="holds", help_text="Which request keeps it"
    )

    def __str__(self) -> str:
        return self.directory


class OpenDirectories(models.Model):
    """Which directories the open pull requests of a repository change, whoever opened them, with their links, as of
    `looked_at`."""

    repository = models.CharField(max_length=300, unique=True, help_text="Host, owner and name")
    links = models.JSONField(
        default=dict,
        blank=True,
        help_text="Directory to the link of the open pull request that changes it",
    )
    memory = models.JSONField(
        default=dict, blank=True, help_text="The adapter's own, for conditional requests"
    )
    looked_at = models.DateTimeField(null=True, blank=True, help_text="As of when")

    def __str__(self) -> str:
        return self.repository

"""Who writes to a directory of the repository: one of our requests, or an open pull request of anybody."""

from django.db import models

from provisioning.models.provision_request import ProvisionRequest


class DirectoryHold(models.Model):
    """Keeps a directory for one request while its pull request is being opened."""

    directory = models.CharField(max_length=300, unique=True)
    provision_request = models.ForeignKey(ProvisionRequest, models.CASCADE, related_name="holds")

    def __str__(self) -> str:
        return self.directory


class OpenDirectories(models.Model):
    """Which directories the open pull requests of a repository change, whoever opened them, with their links, as of
    `looked_at`."""

    repository = models.CharField(max_length=300, unique=True)
    links = models.JSONField(default=dict, blank=True)
    memory = models.JSONField(default=dict, blank=True)
    looked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.repository

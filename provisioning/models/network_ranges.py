"""Which address range the network in a directory of the repository has."""

from django.db import models

from provisioning.models.provision_request import ProvisionRequest


class NetworkRange(models.Model):
    """Kept for the directory, so that whoever asks for the same network again gets the same range. Postgres itself refuses two
    that overlap, in whatever environment: networks are connected with each other some day."""

    directory = models.CharField(
        max_length=300, unique=True, help_text="Of the network, in the repository"
    )
    cidr = models.CharField(max_length=18, help_text="Such as 10.20.0.0/16")
    provision_request = models.ForeignKey(
        ProvisionRequest,
        models.CASCADE,
        related_name="ranges",
        help_text="Which request it was chosen for",
    )

    def __str__(self) -> str:
        return f"{self.cidr} of {self.directory}"

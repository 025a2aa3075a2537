"""Which address range the network in a directory of the repository has."""

from django.db import models

from provisioning.models.provision_request import ProvisionRequest


class NetworkRange(models.Model):
    """Kept for the directory, so that whoever asks for the same network again gets the same range. Postgres itself refuses two
    that overlap, in whatever environment: networks are connected with each other some day."""

    directory = models.CharField(max_length=300, unique=True)
    cidr = models.CharField(max_length=18)
    provision_request = models.ForeignKey(ProvisionRequest, models.CASCADE, related_name="ranges")

    def __str__(self) -> str:
        return f"{self.cidr} of {self.directory}"

"""The terraform program of this machine, which nobody has configured."""

import logging
from collections.abc import Sequence

from provisioning.adapters.hcl_check import HclCheck
from provisioning.adapters.terraform import TOOL, Terraform
from provisioning.adapters.terraform_providers import ProvidersMissingError
from provisioning.domain import Check, CheckReport, RenderedResource
from provisioning.domain.health import Health

logger = logging.getLogger(__name__)


class FoundTerraform:
    """Plans as `Terraform` does. Where its providers cannot be had (no network, no folder of them), a request is checked in
    process and says so: whoever did not ask for a plan must not fail for want of it."""

    name = "terraform"

    def __init__(self, terraform: Terraform) -> None:
        self.terraform = terraform

    def check(self, rendered: Sequence[RenderedResource]) -> CheckReport:
        try:
            return self.terraform.check(rendered)
        except ProvidersMissingError as missing:
            logger.warning("Not planned: %s", missing.message)
            embedded = HclCheck().check(rendered)
            why = f"{missing.message} Set TERRAFORM_PROVIDER_MIRROR, or TERRAFORM_BINARY=off."
            skipped = Check("plan", TOOL, passed=None, detail=why)
            return CheckReport((*embedded.checks, skipped), embedded.plan)

    def health(self) -> Health:
        return self.terraform.health()

"""The Terraform check with the terraform program: format, validation and a real plan, without credentials or network.

A plan runs what the code says, so nothing reaches the program that has not passed the check in process. The backend is left out
and the provider is told not to look for an account: the plan of something new then needs nobody's permission.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from provisioning.adapters.bounded import Finished, Limits, run
from provisioning.adapters.hcl_check import HclCheck
from provisioning.adapters.offline import OVERRIDE_FILE, left_out
from provisioning.adapters.slots import slot
from provisioning.adapters.terraform_output import diagnostics, first_error, plan_of, total
from provisioning.adapters.terraform_providers import LOCK_FILE, Installation
from provisioning.domain import Check, CheckReport, RenderedResource, TerraformPlan
from provisioning.domain.health import OFF, Health, failing
from provisioning.errors import CheckFailedError, PortalError, UpstreamRefusedError
from provisioning.pipeline.check import BACKEND

TOOL = "terraform"
# Anybody may ask for the health, and each answer starts a program.
HEALTH_SECONDS = 60.0
# In hours; no check runs that long, so older folders are those of killed processes.
JOB_PREFIX, JOB_HOURS = "infrallm-plan-", 1
ASKS_AWS = {
    "aws_sfn_state_machine": "AWS itself validates a state machine's definition while Terraform plans"
}
# What the provider asks of AWS before it plans; with all of it off, no account is needed
# (https://registry.terraform.io/providers/hashicorp/aws/latest/docs#argument-reference).
OVERRIDE = """\
provider "aws" {
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
  allowed_account_ids         = null
}
"""


class Terraform:
    """`work` is the portal's own folder for what is kept between checks: initialized providers and locks. `provider_mirror` is
    a folder in the layout of `terraform providers mirror`; without it providers are downloaded once."""

    name = "terraform"

    def __init__(
        self,
        binary: str,
        work: Path,
        provider_mirror: Path | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.installation = Installation(shutil.which(binary) or binary, work, provider_mirror)
        self.limits = limits or Limits()
        self._health = (float("-inf"), OFF)

    def check(self, rendered: Sequence[RenderedResource]) -> CheckReport:
        # First and in process: a plan runs what the code says, so it must have been looked at before.
        embedded = HclCheck().check(rendered)
        with (
            slot(
                self.installation.work / "slots", self.limits.concurrency, self.limits.wait_seconds
            ),
            _job() as job,
        ):
            for number, resource in enumerate(rendered):
                _write(job / str(number), resource)
            formatted = self._format(job, rendered)
            started = time.perf_counter()
            plans = [
                self._plan(job / str(number), resource) for number, resource in enumerate(rendered)
            ]
            seconds = time.perf_counter() - started
        return CheckReport(
            (*embedded.checks, formatted, *_planned(rendered, seconds)),
            total([p for p in plans if p]),
        )

    def _format(self, job: Path, rendered: Sequence[RenderedResource]) -> Check:
        started = time.perf_counter()
        finished = self._run(job, job, "fmt", "-check", "-recursive", "-no-color")
        if finished.code != 0:
            number, _, file = finished.out.partition("\n")[0].partition("/")
            resource = rendered[int(number)] if number.isdigit() else rendered[0]
            raise _failed(
                resource,
                "fmt",
                f"{file} is not in canonical form" if file else " ".join(finished.err.split()),
            )
        return Check("fmt", TOOL, passed=True, seconds=time.perf_counter() - started)

    def _plan(self, folder: Path, resource: RenderedResource) -> TerraformPlan | None:
        """None where AWS would have to be asked; the configuration is then validated only."""
        # The state's bucket cannot be reached from here, and a plan of something new needs no state.
        (folder / BACKEND).unlink(missing_ok=True)
        providers_tf = resource.files["providers.tf"]
        initialized = self.installation.initialized(providers_tf)
        # With it Terraform takes the providers that were initialized and looks for no newer ones.
        shutil.copy(initialized / LOCK_FILE, folder)
        if 'provider "aws"' in providers_tf:
            (folder / "portal_override.tf").write_text(OVERRIDE, encoding="utf-8")
        asking = left_out(resource.files.values())
        if asking:
            (folder / OVERRIDE_FILE).write_text(asking, encoding="utf-8")
        if why_not_planned(resource):
            self._pass(folder, initialized, resource, "validate")
            return None
        finished = self._pass(
            folder, initialized, resource, "plan", "-refresh=false", "-lock=false"
        )
        plan = plan_of(finished.out)
        if plan is None:
            raise UpstreamRefusedError(
                f"Terraform ended without a plan for {resource.type} {resource.name!r}."
            )
        return plan

    def _pass(
        self, folder: Path, initialized: Path, resource: RenderedResource, step: str, *options: str
    ) -> Finished:
        finished = self._run(
            folder,
            folder.parent,
            step,
            "-json",
            "-no-color",
            *options,
            data=initialized / ".terraform",
        )
        if finished.code != 0:
            raise _failed(
                resource,
                step,
                first_error(diagnostics(finished.out)) or " ".join(finished.err.split())[:400],
            )
        return finished

    def _run(self, folder: Path, home: Path, *arguments: str, data: Path | None = None) -> Finished:
        environment = {
            **self.installation.environment(home),
            **({"TF_DATA_DIR": str(data)} if data else {}),
        }
        return run([self.installation.binary, *arguments], folder, environment, self.limits)

    def health(self) -> Health:
        at, last = self._health
        if time.monotonic() - at > HEALTH_SECONDS:
            last = self._look()
            self._health = (time.monotonic(), last)
        return last

    def _look(self) -> Health:
        mirror = self.installation.mirror
        if mirror and not mirror.is_dir():
            return failing(f"the provider mirror {mirror} is not there.")
        try:
            with _job() as job:
                finished = self._run(job, job, "version", "-json")
        except PortalError as error:
            return failing(error.message)
        if finished.code != 0:
            return failing(f"{self.installation.binary} does not tell its version.")
        return Health("ok", f"Terraform {json.loads(finished.out)['terraform_version']}")


def why_not_planned(resource: RenderedResource) -> str:
    return next(
        (
            why
            for kind, why in ASKS_AWS.items()
            if f'resource "{kind}"' in resource.files["main.tf"]
        ),
        "",
    )


def _planned(rendered: Sequence[RenderedResource], seconds: float) -> Iterator[Check]:
    skipped = {why_not_planned(resource) for resource in rendered} - {""}
    detail = " ".join(f"Not planned: {why}." for why in sorted(skipped))
    yield Check("validate", TOOL, passed=True, detail="" if skipped else "The plan begins with it.")
    yield Check(
        "plan",
        TOOL,
        passed=None if all(map(why_not_planned, rendered)) else True,
        detail=detail,
        seconds=seconds,
    )


@contextmanager
def _job() -> Iterator[Path]:
    """A folder of the system's temporary ones: short enough for the providers' sockets."""
    _sweep()
    with tempfile.TemporaryDirectory(prefix=JOB_PREFIX, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _sweep() -> None:
    """Removes what killed processes left; another process may be at it too."""
    oldest = time.time() - JOB_HOURS * 3600
    for left in Path(tempfile.gettempdir()).glob(f"{JOB_PREFIX}*"):
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < oldest:
                shutil.rmtree(left, ignore_errors=True)


def _write(folder: Path, resource: RenderedResource) -> None:
    folder.mkdir()
    for name, text in resource.files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _failed(resource: RenderedResource, step: str, reason: str) -> CheckFailedError:
    return CheckFailedError(f"terraform {step} refuses {resource.type} {resource.name!r}: {reason}")

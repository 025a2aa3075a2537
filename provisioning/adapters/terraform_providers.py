"""Initialized providers, kept between checks: `terraform init` once per set of providers, a plan then starts at once."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioning.adapters.bounded import Limits, run
from provisioning.adapters.slots import slot
from provisioning.errors import UpstreamRefusedError

LOCK_FILE = ".terraform.lock.hcl"
# The AWS provider is some hundred megabytes, once.
INIT_LIMITS = Limits(seconds=300.0)


class ProvidersMissingError(UpstreamRefusedError):
    """`terraform init` found no provider, neither in the network nor in the mirror."""


@dataclass(frozen=True, slots=True)
class Installation:
    """`work` is the portal's own folder: who can write there decides what runs."""

    binary: str
    work: Path
    mirror: Path | None

    def environment(self, home: Path) -> Mapping[str, str]:
        """All that terraform sees of this process's environment: nothing."""
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "TMPDIR": str(home),
            "TF_CLI_CONFIG_FILE": str(self._configuration(home)),
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
        }

    def initialized(self, providers_tf: str) -> Path:
        """A folder with `.terraform` and a lock file for these providers, made at the first call. Any number of plans may read
        it at once. Raises `ProvidersMissingError` when a provider cannot be had."""
        folder = self.work / "providers" / self._key(providers_tf)
        with slot(self.work / "initializing", 1, INIT_LIMITS.seconds):
            if not folder.exists():
                self._initialize(providers_tf, folder)
        return folder

    def provider_version(self, providers_tf: str) -> str:
        lock_file = (self.initialized(providers_tf) / LOCK_FILE).read_text(encoding="utf-8")
        return ", ".join(re.findall(r'^  version *= "(.+)"$', lock_file, re.MULTILINE))

    def _initialize(self, providers_tf: str, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="tf-init-") as home:
            build = Path(tempfile.mkdtemp(dir=folder.parent, prefix="new-"))
            (build / "providers.tf").write_text(providers_tf, encoding="utf-8")
            init = [self.binary, "init", "-backend=false", "-input=false", "-no-color"]
            finished = run(init, build, self.environment(Path(home)), INIT_LIMITS)
        if finished.code != 0:
            shutil.rmtree(build)
            words = " ".join(
                (finished.err or finished.out).replace("╷", "").replace("│", "").split()
            )
            raise ProvidersMissingError(
                f"Terraform cannot get its providers{self._where()}: {words[:400]}"
            )
        _forget_hashes(build / LOCK_FILE)
        (build / "providers.tf").unlink()
        # Last: a folder that is there is whole, however the process that made it ended.
        build.rename(folder)

    def _where(self) -> str:
        return f" from the mirror {self.mirror}" if self.mirror else ""

    def _key(self, providers_tf: str) -> str:
        # Another version in the mirror is another set of providers.
        offered = sorted(map(str, self.mirror.glob("*/*/*/*"))) if self.mirror else []
        return hashlib.sha256(
            "\0".join([self.binary, str(self.mirror), *offered, providers_tf]).encode()
        ).hexdigest()[:16]

    def _configuration(self, home: Path) -> Path:
        """With a mirror there is no other way to a provider, so that nothing is ever fetched from the network."""
        way = (
            f'filesystem_mirror {{\n    path = "{self.mirror}"\n  }}'
            if self.mirror
            else "direct {}"
        )
        path = home / "terraform.rc"
        path.write_text(
            f"disable_checkpoint = true\n\nprovider_installation {{\n  {way}\n}}\n",
            encoding="utf-8",
        )
        return path


def _forget_hashes(lock_file: Path) -> None:
    """Without them Terraform does not read the provider's 700 MB on each run to compare; init has just compared them."""
    text = lock_file.read_text(encoding="utf-8")
    lock_file.write_text(
        re.sub(r"  hashes = \[.*?\]\n", "", text, flags=re.DOTALL), encoding="utf-8"
    )

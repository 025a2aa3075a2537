"""Where Terraform's providers may lie on this machine, for tests and proofs that run without a network."""

import os
from pathlib import Path

PLUGIN_FOLDERS = (
    "~/.terraform.d/plugins",
    "~/.local/share/terraform/plugins",
    "/usr/local/share/terraform/plugins",
)
SHARED_FOLDERS = ("/opt", "/usr/share", "/usr/local/share")


def find_provider_mirror() -> Path | None:
    """A folder with `registry.terraform.io/` in it: TERRAFORM_PROVIDER_MIRROR, or else one of the user's plugin folders, or
    else what an administrator has unpacked into a folder below the usual shared ones."""
    if configured := os.environ.get("TERRAFORM_PROVIDER_MIRROR"):
        return Path(configured)
    providers = [Path(folder).expanduser() / "registry.terraform.io" for folder in PLUGIN_FOLDERS]
    for folder in SHARED_FOLDERS:
        providers += sorted(Path(folder).glob("*/registry.terraform.io"))
    return next((found.parent for found in providers if found.is_dir()), None)

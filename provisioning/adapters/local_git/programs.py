"""How git is run: without a shell, and without the configuration of whoever runs the portal."""

import os

from provisioning.errors import UpstreamRefusedError


def environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": os.devnull,
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
    }


def missing_program() -> UpstreamRefusedError:
    return UpstreamRefusedError(
        "The git program is missing on this machine. An operator must install it."
    )

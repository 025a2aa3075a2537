"""What `manage.py dev` decides before Django reads its settings: a key of its own, and the open API on a loopback address."""

import os
import secrets
import sys

from infrallm_portal.configuration import LOOPBACK, SettingsError, load
from infrallm_portal.dev.addresses import address, reachable


def prepare() -> None:
    """Sets what is unset in this process's environment; its children inherit it. Ends the process on wrong settings."""
    try:
        environment = load()
    except SettingsError as error:
        sys.exit(str(error))
    environment.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = environment.data_dir / "secret_key"
    if environment.secret_key is None and not key.exists():
        # Empty at first: with anybody else's rights to it, the key would be there for a moment.
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(48), encoding="utf-8")
    given = environment.model_fields_set
    if "demo" not in given:
        os.environ["DEMO"] = str(environment.host in LOOPBACK).lower()
    if "public_url" not in given:
        os.environ["PUBLIC_URL"] = (
            f"http://{address(reachable(environment.host), environment.port)}"
        )
    if "allowed_hosts" not in given and environment.host not in LOOPBACK:
        os.environ["ALLOWED_HOSTS"] = "*"

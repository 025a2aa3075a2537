"""Pull requests on GitHub. `client` alone speaks with it; `traces`, `lifecycle` and `directories` only read, `host` writes."""

from provisioning.adapters.github.host import GitHub

__all__ = ["GitHub"]

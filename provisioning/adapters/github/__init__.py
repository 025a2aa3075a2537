"""Pull requests on GitHub. `client` alone speaks with it;
`traces`, `pull_request_state` and `directories` only read, `host` writes."""

from provisioning.adapters.github.host import GitHub

__all__ = ["GitHub"]

"""The embedded parser: deterministic, in milliseconds, with no vocabulary but the catalog's."""

from provisioning.adapters.rules.parser import Rules, explained

__all__ = ["Rules", "explained"]

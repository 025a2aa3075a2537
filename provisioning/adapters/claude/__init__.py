"""Claude as a reader of sentences."""

from provisioning.adapters.claude.model import Claude

__all__ = ["Claude"]

"""What may be asked for. A resource type is a folder; this package reads, checks and answers for it."""

from provisioning.catalog.load import BUILT_IN, load_catalog
from provisioning.catalog.types import Catalog, ResourceType

__all__ = ["BUILT_IN", "Catalog", "ResourceType", "load_catalog"]

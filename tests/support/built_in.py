"""The built-in catalog, which each process of a test run reads once."""

from provisioning.catalog import load_catalog

CATALOG = load_catalog()

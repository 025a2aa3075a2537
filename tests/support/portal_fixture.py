"""The portal on its embedded parts, for tests that go through the wiring."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings


@pytest.fixture
def portal(settings: Settings, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """With a data folder of its own; call it to change settings."""
    from provisioning import wiring

    adapters = (
        wiring._claude,
        wiring._rules,
        wiring.parser,
        wiring.preview_parser,
        wiring.checker,
        wiring.preview_checker,
        wiring.pull_requests,
        wiring._host,
        wiring.local_repository,
    )

    built_in = settings.PORTAL.catalog_paths

    def change(**values: object) -> None:
        if (
            values.get("catalog_paths", settings.PORTAL.catalog_paths)
            != settings.PORTAL.catalog_paths
        ):
            wiring.catalog.cache_clear()
            wiring.sentences.cache_clear()
        settings.PORTAL = settings.PORTAL.model_copy(update=values)
        for adapter in adapters:
            adapter.cache_clear()

    change(data_dir=tmp_path)
    yield change
    change(catalog_paths=built_in)
    for adapter in adapters:
        adapter.cache_clear()

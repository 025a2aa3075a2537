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
        wiring.parser,
        wiring.checker,
        wiring.preview_checker,
        wiring.pull_requests,
        wiring._host,
        wiring.local_repository,
    )

    def change(**values: object) -> None:
        settings.PORTAL = settings.PORTAL.model_copy(update=values)
        for adapter in adapters:
            adapter.cache_clear()

    change(data_dir=tmp_path)
    yield change
    for adapter in adapters:
        adapter.cache_clear()

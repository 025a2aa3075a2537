"""Which values of `platform.toml` are still the shipped examples, whose accounts and networks nobody has."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from provisioning.catalog.platform_format import PlatformFile, Setting

PATTERNS = Path(__file__).with_name("example_values.toml")


@dataclass(frozen=True, slots=True)
class ExampleValue:
    """`key` as it stands in the file: "environments.prod.regions.us-east-1.vpc_id"."""

    key: str
    value: str


def example_values(platform: PlatformFile, environment: str) -> list[ExampleValue]:
    """Those that a resource of the environment would get, in the file's order. What all environments share is among them."""
    found = []
    for key, setting in _settings(platform, environment):
        marked = next(filter(_is_example, _texts(setting)), None)
        if marked is not None:
            found.append(ExampleValue(key, marked))
    return found


def _settings(platform: PlatformFile, environment: str) -> Iterator[tuple[str, Setting]]:
    yield "organization", platform.organization
    own = platform.environments[environment]
    where = f"environments.{environment}.state" if own.state else "state"
    yield f"{where}.bucket", platform.state_of(environment).bucket
    yield from _under(f"environments.{environment}.settings", own.settings)
    for region, settings in own.regions.items():
        yield from _under(f"environments.{environment}.regions.{region}", settings)


def _under(prefix: str, settings: Mapping[str, Setting]) -> Iterator[tuple[str, Setting]]:
    for name, setting in settings.items():
        yield f"{prefix}.{name}", setting


def _texts(setting: Setting) -> list[str]:
    if isinstance(setting, list):
        return setting
    return [setting] if isinstance(setting, str) else []


def _is_example(text: str) -> bool:
    return any(pattern.search(text) for pattern in _patterns())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    listed = tomllib.loads(PATTERNS.read_text(encoding="utf-8"))["patterns"]
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in listed)

"""No pull request on GitHub holds the accounts and networks that the portal ships as examples."""

from collections.abc import Sequence

from provisioning import wiring
from provisioning.catalog.examples import ExampleValue, example_values
from provisioning.domain import Requirements
from provisioning.errors import PlatformNotConfiguredError

SHOWN_WITH_VALUE = 5


def refuse_example_values(requirements: Requirements) -> None:
    """Raises `PlatformNotConfiguredError` for the first environment that still has some, with each of them named."""
    environments = dict.fromkeys(str(one.environment.value) for one in requirements.resources)
    for environment, found in examples_in_use().items():
        if environment in environments and found:
            raise PlatformNotConfiguredError(_sentence(environment, found))


def examples_in_use() -> dict[str, list[ExampleValue]]:
    """By environment. Empty where nothing that is written here will ever be applied: in the embedded repository, or where
    ALLOW_EXAMPLE_VALUES says so."""
    if not wiring.portal().github_repo or wiring.portal().allow_example_values:
        return {}
    platform = wiring.catalog().platform
    found = {name: example_values(platform, name) for name in platform.environments}
    return {name: values for name, values in found.items() if values}


def _sentence(environment: str, found: Sequence[ExampleValue]) -> str:
    shown = [f"{one.key} ({one.value})" for one in found[:SHOWN_WITH_VALUE]]
    shown += [one.key for one in found[SHOWN_WITH_VALUE:]]
    return (
        f"platform.toml still has example values for {environment}, so no pull request is opened: "
        f"{', '.join(shown)}."
    )

"""The address ranges that an environment gives to new networks, in their order."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network

from provisioning.catalog.platform_format import Environment, PlatformFile

IN_USE = "vpc_cidr_blocks"


def free_ranges(platform: PlatformFile, environment: str) -> Iterator[str]:
    """Those of the environment's pool that are no network of the platform itself, in any environment or region."""
    pool = platform.environments[environment].networks
    taken = list(networks_in_use(platform))
    for whole in pool.ranges if pool else ():
        for candidate in IPv4Network(whole).subnets(new_prefix=pool.size if pool else None):
            if not any(candidate.overlaps(network) for network in taken):
                yield str(candidate)


def networks_in_use(platform: PlatformFile) -> Iterator[IPv4Network]:
    """The platform's own, of all environments and regions."""
    for environment in platform.environments.values():
        for settings in _all_settings(environment):
            blocks = settings.get(IN_USE)
            for block in blocks if isinstance(blocks, list) else ():
                yield IPv4Network(block)


def _all_settings(environment: Environment) -> Iterator[Mapping[str, object]]:
    yield environment.settings
    yield from environment.regions.values()

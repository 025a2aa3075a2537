"""A network that a request names is one that the portal made, or that the same request asks for."""

import re
from collections.abc import Mapping
from dataclasses import replace

from provisioning import wiring
from provisioning.catalog import ResourceType, names
from provisioning.catalog.networks import IN_USE
from provisioning.domain import Origin, Requirements, Resource, Value, Violation
from provisioning.errors import PolicyViolationError
from provisioning.models import NetworkRange


def with_known_networks(requirements: Requirements) -> Requirements:
    """Each by its name in AWS, and who may connect is then that network. Raises `PolicyViolationError` for a name that nobody
    made. A second call changes nothing."""
    resources = tuple(_placed(one, requirements) for one in requirements.resources)
    return replace(requirements, resources=resources)


def _placed(resource: Resource, requirements: Requirements) -> Resource:
    for path, parameter in wiring.catalog().types[resource.type].parameters.items():
        said = resource.parameters.get(path)
        if parameter.refers and said is not None and said.value is not None:
            resource = _in_network(resource, path, said, requirements)
    return resource


def _in_network(resource: Resource, path: str, said: Value, requirements: Requirements) -> Resource:
    environment = str(resource.environment.value)
    known = _known(environment, requirements)
    # The name in AWS counts, too: it is what stands there at a second call.
    name = next((one for one in known if said.value in (one, _aws_name(environment, one))), None)
    if name is None:
        there = f" There are {', '.join(sorted(known))}." if known else ""
        sentence = (
            f"{resource.name}: the portal made no network {said.value!r} in {environment}.{there} "
            "Ask for it in the same request, or leave it out for the platform's own."
        )
        raise PolicyViolationError([Violation(sentence)])
    changed = {path: replace(said, value=_aws_name(environment, name))}
    return replace(
        resource, parameters={**resource.parameters, **changed, **_clients(resource, name, known)}
    )


def _clients(resource: Resource, name: str, known: Mapping[str, str]) -> dict[str, Value]:
    """Unless somebody said who may connect."""
    parameters = wiring.catalog().types[resource.type].parameters
    inside = Value((known[name],), Origin("default", f"range of the network {name}"))
    return {
        path: inside
        for path, value in resource.parameters.items()
        if value.origin.kind == "default"
        and path in parameters
        and parameters[path].setting == IN_USE
    }


def _known(environment: str, requirements: Requirements) -> dict[str, str]:
    """Name → range."""
    network = _network_type()
    # No directory holds a NUL, so the gap for the name cannot be mistaken.
    directory = names.directory(wiring.catalog(), network.name, environment, "\0")
    pattern = re.compile(re.escape(directory).replace(re.escape("\0"), r"([a-z0-9-]+)"))
    known = {}
    for place, cidr in NetworkRange.objects.values_list("directory", "cidr"):
        found = pattern.fullmatch(place)
        if found:
            known[found[1]] = cidr
    # At a preview nothing is held yet: the request's own networks have no row.
    for one in requirements.resources:
        if one.type == network.name and one.environment.value == environment:
            known[one.name] = str(one.parameters[_range_of(network)].value)
    return known


def _network_type() -> ResourceType:
    types = wiring.catalog().types.values()
    return next(one for one in types if any(field.allocated for field in one.parameters.values()))


def _range_of(network: ResourceType) -> str:
    return next(name for name, field in network.parameters.items() if field.allocated)


def _aws_name(environment: str, name: str) -> str:
    return names.aws_name(wiring.catalog(), _network_type(), environment, name)

"""What is settled: every value has an origin."""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.domain.reading import NOTHING_SPENT, Usage
from provisioning.domain.values import Value


@dataclass(frozen=True, slots=True)
class Resource:
    """One Terraform root module to be. `name` is unique per type and environment and names the directory; `aws_name` is
    the name in AWS after the platform's pattern. `parameters` maps each leaf path to its value."""

    type: str
    application: Value
    name: str
    aws_name: str
    environment: Value
    parameters: Mapping[str, Value]
    tags: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Requirements:
    """`notes` are sentences for the requester: what was overridden, adjusted, or understood by a fallback."""

    resources: tuple[Resource, ...]
    parser: str
    usage: Usage = NOTHING_SPENT
    notes: tuple[str, ...] = ()

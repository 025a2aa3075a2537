"""What is settled: every value has an origin."""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.domain.reading import NOTHING_SPENT, Unmet, Usage
from provisioning.domain.values import Origin, Value

SINGLE = Value(1, Origin("default", "one unless the text says more"))


@dataclass(frozen=True, slots=True)
class Resource:
    """One Terraform root module to be. `name` is unique per type and environment and names the
    directory; `aws_name` is the name in AWS after the platform's pattern. `parameters` maps each
    leaf path to its value. `count` tells of how many alike it is one, and who said so."""

    type: str
    application: Value
    name: str
    aws_name: str
    environment: Value
    parameters: Mapping[str, Value]
    tags: Mapping[str, Value]
    count: Value = SINGLE


@dataclass(frozen=True, slots=True)
class Requirements:
    """`notes` are sentences for the requester: what was overridden, adjusted, or understood by a
    fallback. `unmet` is what the text asks for and these requirements do not hold. `sentence` says
    them in words out of which the same requirements are read, and is empty where there are none."""

    resources: tuple[Resource, ...]
    parser: str
    usage: Usage = NOTHING_SPENT
    notes: tuple[str, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    sentence: str = ""

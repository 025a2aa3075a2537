"""What a certificate stands on beside the templates. Where it is something else today, the certificate is stale.

The values of `platform.toml` (accounts, networks, keys, which regions there are) are everybody's own and do not count.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.catalog.format import FieldSpec, Parameter
from provisioning.catalog.types import Catalog, ResourceType

# In the order in which they are said: another provider explains all that follows from it.
WORDS = {
    "provider": "platform.toml asks for another provider ({now} instead of {then})",
    "allowed": "the lists of allowed values have changed since",
    "parameters": "what may be asked for has changed since",
    "policies": "the rules for what may be asked for have changed since",
}
# What decides which values reach Terraform. Titles and the words of requests do not.
BOUNDS = (
    "type", "allowed", "minimum", "maximum", "multiple_of", "pattern", "format", "min_length", "max_length", "multiline",
    "structure", "setting", "required",
)  # fmt: skip
OWN_VALUES = ("default", "enum")


def inputs(catalog: Catalog, resource_type: ResourceType) -> dict[str, str]:
    file = resource_type.file
    bounds = {}
    for name, parameter in resource_type.parameters.items():
        bounds[name] = _bounds(file.parameters, name, parameter)
    rules = [*file.policy, *file.relation, *file.beside, *file.conditional_defaults]
    # A message is words for people and decides nothing.
    policies = [rule.model_dump(exclude={"message"}) for rule in rules]
    return {
        "provider": catalog.platform.provider_version,
        "allowed": _digest(list(_lists(catalog, resource_type))),
        "parameters": _digest(bounds),
        "policies": _digest(policies),
    }


def changed(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """The first difference, in words, or ""."""
    for name, words in WORDS.items():
        if then.get(name) != now[name]:
            return words.format(now=now[name], then=then.get(name, "an unknown one"))
    return ""


def _bounds(own: Mapping[str, Parameter], name: str, parameter: Parameter) -> dict[str, Any]:
    # A default that the platform gives to all types is everybody's own, like its accounts and networks.
    keys = BOUNDS + OWN_VALUES if name in own else BOUNDS
    found = _chosen(parameter, keys)
    if isinstance(parameter.items, dict):
        items = {}
        for field, one in parameter.items.items():
            items[field] = _chosen(one, BOUNDS + OWN_VALUES)
        found["items"] = items
    return found


def _chosen(field: FieldSpec, keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: getattr(field, key) for key in keys}


def _lists(catalog: Catalog, resource_type: ResourceType) -> Iterator[tuple[str, Any]]:
    """Of "rds.engine_version.{engine}" all engines."""
    for _, field in resource_type.fields():
        lists = catalog.allowed_lists(field.allowed) if field.allowed else []
        by_value = {".".join(one.when.values()): one.values for one in lists}
        # The key of a list that depends on nothing is ""; it is written without one, as it was before.
        if by_value:
            yield field.allowed, by_value.get("", by_value)


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

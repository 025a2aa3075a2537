"""The list of what can be asked for: types in their groups, and which of them some words mean."""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.catalog import Catalog, ResourceType


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    types: Mapping[str, ResourceType]


def groups(catalog: Catalog, words: str = "") -> tuple[Group, ...]:
    """In alphabetical order; a type is found when each of the words stands in its name, title, summary, group, synonyms or
    parameters."""
    wanted = words.casefold().split()
    found: dict[str, dict[str, ResourceType]] = {}
    for name, resource_type in catalog.types.items():
        text = _text(resource_type)
        if all(word in text for word in wanted):
            found.setdefault(resource_type.file.group, {})[name] = resource_type
    return tuple(Group(title, _by_title(types)) for title, types in sorted(found.items()))


def _by_title(types: Mapping[str, ResourceType]) -> dict[str, ResourceType]:
    return dict(sorted(types.items(), key=lambda item: item[1].file.title.casefold()))


def _text(resource_type: ResourceType) -> str:
    file = resource_type.file
    own = [resource_type.name, file.title, file.summary, file.group, *file.synonyms]
    return "\n".join(own + [parameter.title for parameter in file.parameters.values()]).casefold()

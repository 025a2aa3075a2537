"""The catalog as the rest of the product sees it: checked, frozen, and the same for web, worker and commands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provisioning.catalog.allowed_lists import AllowedList, allowed_lists, list_for
from provisioning.catalog.format import FieldSpec, Parameter, ResourceFile
from provisioning.catalog.paths import ParameterPath, parse_path
from provisioning.catalog.platform_format import PlatformFile
from provisioning.catalog.prices import ImportedPrices, PricesFile
from provisioning.catalog.signatures import Keys
from provisioning.errors import CatalogError


@dataclass(frozen=True, eq=False)
class ResourceType:
    """`parameters` are the type's own and the platform's common ones; `templates` maps "main.tf" to its Jinja text."""

    name: str
    file: ResourceFile
    parameters: Mapping[str, Parameter]
    templates: Mapping[str, str]
    folder: Path
    digest: str

    def field(self, path: str) -> FieldSpec | None:
        """What stands at a leaf path ("engine", "node_groups[0].desired_size"); None where nothing does."""
        place = parse_path(path)
        if place is None or place.of_any_item:
            return None
        parameter = self.parameters.get(place.parameter)
        if parameter is None:
            return None
        if isinstance(parameter.items, dict):
            return parameter.items.get(place.field)
        return None if place.field else parameter

    def fields(self) -> Iterator[tuple[str, FieldSpec]]:
        """Every leaf with its general path: "engine", "node_groups[].desired_size"."""
        for name, parameter in self.parameters.items():
            if not isinstance(parameter.items, dict):
                yield name, parameter
                continue
            for inner, field in parameter.items.items():
                yield str(ParameterPath(name, field=inner)), field

    def fields_outside_lists(self) -> Iterator[tuple[str, Parameter]]:
        """The leaves that are there once, whatever a request says."""
        for name, parameter in self.parameters.items():
            if not isinstance(parameter.items, dict):
                yield name, parameter

    @property
    def spellings(self) -> list[str]:
        """What names it in a text."""
        own = [] if self.file.common_name else [self.name]
        return [*own, *self.file.synonyms]

    @property
    def structure(self) -> Mapping[str, Parameter]:
        """What decides which blocks exist; its values are few, so that every variant can be certified."""
        chosen: dict[str, Parameter] = {}
        for name, parameter in self.parameters.items():
            if parameter.structure:
                chosen[name] = parameter
        return chosen


@dataclass(frozen=True, eq=False)
class Catalog:
    platform: PlatformFile
    types: Mapping[str, ResourceType]
    allowed: Mapping[str, Any]
    prices: PricesFile | None
    imported_prices: ImportedPrices | None
    common_templates: Mapping[str, str]
    keys: Keys
    folders: tuple[Path, ...]
    digest: str

    @property
    def environments(self) -> tuple[str, ...]:
        return tuple(self.platform.environments)

    @property
    def production(self) -> frozenset[str]:
        """The environments in which a mistake costs most."""
        known = self.platform.environments.items()
        return frozenset(name for name, environment in known if environment.production)

    def with_default_environment(self, name: str) -> "Catalog":
        """The same with another environment for requests that name none. Raises `CatalogError` for one that there is not."""
        if name not in self.environments:
            known = ", ".join(self.environments)
            raise CatalogError(f"DEFAULT_ENVIRONMENT is {name!r}: it must be one of {known}.")
        platform = self.platform.model_copy(update={"default_environment": name})
        return replace(self, platform=platform)

    def allowed_values(self, name: str, parameters: Mapping[str, Any]) -> list[Any] | None:
        """The list that `name` names in allowed.json, or None while a parameter in its braces has no value yet."""
        return list_for(self.allowed, name, parameters)

    def allowed_lists(self, name: str) -> list[AllowedList]:
        """Every list that `name` can mean, each with the values of other parameters that it is for."""
        return list(allowed_lists(self.allowed, name))

    def waiting(self, name: str, value: object) -> str:
        """Until when a value of the list `name` waits that AWS offers already, or ""."""
        found = self.allowed.get("waiting", {}).get(name, {})
        return str(found["until"]) if value in found.get("values", ()) else ""

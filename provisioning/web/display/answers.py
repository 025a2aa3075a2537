"""Answers that travel with a sentence, as chips that can be taken off."""

from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.catalog import Catalog
from provisioning.domain import CONFIRM
from provisioning.web.display.facts import label

TITLES = {
    "resource_type": "Type",
    "environment": "Environment",
    "application": "Name",
    CONFIRM: "Confirmed",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """`id` and `value` are what travels, `title` and `said` what is read."""

    id: str
    value: str
    title: str
    said: str


def answer_chips(catalog: Catalog, answers: Mapping[str, str]) -> list[Chip]:
    return [_chip(catalog, name, said) for name, said in answers.items()]


def _chip(catalog: Catalog, name: str, said: str) -> Chip:
    type_name, _, path = name.partition(".")
    resource_type = catalog.types.get(type_name)
    title = TITLES.get(name) or (label(resource_type, path) if resource_type else name)
    if name == CONFIRM:
        return Chip(name, said, title, said.partition(":")[0])
    named = catalog.types.get(said) if name == "resource_type" else None
    return Chip(name, said, title, named.file.title if named else said)

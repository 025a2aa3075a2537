"""For the people who write resource types: a folder to begin with, a look at all of them, and what an example comes to."""

import re
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from provisioning.adapters.hcl_check import HclCheck
from provisioning.adapters.rules import Rules
from provisioning.catalog import Catalog, ResourceType
from provisioning.catalog.certificate import doubt, read
from provisioning.catalog.format import NAME
from provisioning.certify import identities
from provisioning.certify.variants import as_stated, example_resource
from provisioning.domain import Generated, RenderedResource, Requirements, Submission
from provisioning.errors import CatalogError, InvalidInputError, PortalError
from provisioning.pipeline.generate import generate
from provisioning.pipeline.screen import screen
from provisioning.pipeline.understand import understand

SKELETON = Path(__file__).parent / "new_type"


def create(root: Path, name: str) -> Path:
    """Raises `CatalogError` for a name that no type can have, and where a folder of that name stands already."""
    folder = root / name
    if not re.fullmatch(NAME, name):
        raise CatalogError(f"{name!r} is no name for a type: it must match {NAME}.")
    if folder.exists():
        raise CatalogError(
            f"{folder}: is there already. Choose another name, or change what it holds."
        )
    words = name.replace("_", " ")
    placeholders = {
        "TITLE": words.capitalize(),
        "WORDS": words,
        "RULE": name.replace("_", "-"),
        "TYPE": name,
    }
    shutil.copytree(SKELETON, folder)
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        for placeholder, value in placeholders.items():
            text = text.replace(placeholder, value)
        path.write_text(text, encoding="utf-8")
    return folder


def findings(catalog: Catalog) -> Iterator[str]:
    """One line per type. Raises `CatalogError` for the first one whose defaults or examples do not come to
    valid files, and for two types that would make the same AWS name."""
    synonyms = _shared_synonyms(catalog)
    rendered: list[RenderedResource] = []
    for name, resource_type in catalog.types.items():
        made = _everything_offered(catalog, resource_type)
        for generated in made:
            rendered += generated.resources
        facts = [
            f"{name}: {len(resource_type.parameters)} parameters",
            f"{len(resource_type.file.examples)} examples",
            _certificate(catalog, resource_type, made),
            *synonyms.get(name, []),
        ]
        yield ", ".join(facts)
    # Only when all are known: two types clash, and neither of them is wrong by itself.
    for sentence in identities.shared(catalog, rendered):
        raise CatalogError(sentence)


def _everything_offered(catalog: Catalog, resource_type: ResourceType) -> list[Generated]:
    """What each example comes to, and what somebody gets in each environment who says nothing."""
    made = []
    for number in range(len(resource_type.file.examples)):
        made.append(example(catalog, resource_type, number + 1))
    for environment in catalog.environments:
        key = f"the defaults of {environment}"
        made.append(_generated(catalog, resource_type, environment, {}, key))
    return made


def example(catalog: Catalog, resource_type: ResourceType, number: int) -> Generated:
    """What somebody gets who asks for exactly what the example says. Raises `CatalogError` for a number that it has none of."""
    examples = resource_type.file.examples
    if not 1 <= number <= len(examples):
        raise CatalogError(
            f"{resource_type.name} has {len(examples)} examples, so none with the number {number}."
        )
    chosen = examples[number - 1]
    environment = chosen.environment or catalog.platform.default_environment
    key = f"examples[{number - 1}]"
    return _generated(catalog, resource_type, environment, as_stated(chosen), key)


def asked(catalog: Catalog, text: str) -> Generated:
    """The same for any text, read by the embedded parser."""
    submission = Submission(screen(text), "catalog render")
    requirements = understand(Rules(), catalog, submission)
    return generate(catalog, HclCheck(), requirements)


def _generated(
    catalog: Catalog,
    resource_type: ResourceType,
    environment: str,
    stated: Mapping[str, object],
    key: str,
) -> Generated:
    try:
        resource = example_resource(catalog, resource_type, environment, stated)
        return generate(catalog, HclCheck(), Requirements((resource,), "catalog"))
    except InvalidInputError as error:
        raise CatalogError(
            f"{resource_type.folder / 'resource.toml'}: {key}: {error.message}"
        ) from error
    except PortalError as error:
        raise CatalogError(f"{resource_type.folder}: {key}: {error.message}") from error


def _certificate(catalog: Catalog, resource_type: ResourceType, made: Sequence[Generated]) -> str:
    certificate = read(resource_type.folder)
    again = f"(manage.py certify {resource_type.name})"
    if certificate is None:
        return f"no certificate yet {again}"
    for generated in made:
        if not all(certificate.covers(one.files) for one in generated.resources):
            return f"changed since its certificate {again}"
    reason = doubt(catalog, resource_type, certificate)
    if reason:
        return f"its certificate does not count, because {reason}"
    return f"certified on {certificate.made.isoformat()}"


def _shared_synonyms(catalog: Catalog) -> Mapping[str, list[str]]:
    """Words that name several types: whoever says no more is asked which one is meant."""
    owners: dict[str, list[str]] = defaultdict(list)
    for name, resource_type in catalog.types.items():
        words = [word.lower() for word in (name, *resource_type.file.synonyms)]
        for word in dict.fromkeys(words):
            owners[word].append(name)
    shared: dict[str, list[str]] = defaultdict(list)
    for word, names in owners.items():
        for name in names:
            others = [other for other in names if other != name]
            if others:
                shared[name].append(f"{word!r} also means {', '.join(others)}")
    return shared

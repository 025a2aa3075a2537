"""Reads catalog folders once, at start-up. A mistake is a `CatalogError` that names file, key and reason."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from provisioning.catalog import vocabulary_format
from provisioning.catalog.consistency import check
from provisioning.catalog.format import Parameter, ResourceFile, Table
from provisioning.catalog.platform_format import PlatformFile
from provisioning.catalog.prices import ImportedPrices, PricesFile, check_prices
from provisioning.catalog.signatures import public_keys
from provisioning.catalog.types import Catalog, ResourceType
from provisioning.catalog.vocabulary_format import VocabularyFile, merged
from provisioning.errors import CatalogError

# No type's name begins with an underscore, so none can be called so.
COMMON = "_common"
BUILT_IN = Path(__file__).resolve().parents[2] / "terraform_templates"
Read = TypeVar("Read", bound=Table)


def load_catalog(
    folders: Sequence[Path] = (BUILT_IN,), trusted_keys: Sequence[Path] = ()
) -> Catalog:
    """Later folders win: a type or a file of `_common` that stands twice is taken whole from the last folder that has it.
    Certificates that are signed with the portal's own key or one of `trusted_keys` count.

    Raises `CatalogError` for the first mistake, with the file, the key and the reason."""
    for root in folders:
        if not root.is_dir():
            raise CatalogError(f"CATALOG_PATHS: {root} is not a folder.")
    platform = _read(_last(folders, f"{COMMON}/platform.toml"), PlatformFile)
    common_templates = _templates([root / COMMON for root in folders])
    catalog = Catalog(
        platform=platform,
        types=_types(folders, platform, common_templates),
        allowed=_json(_last(folders, f"{COMMON}/allowed.json")),
        prices=_prices(folders),
        imported_prices=_imported_prices(folders),
        common_templates=common_templates,
        keys=public_keys(trusted_keys),
        folders=tuple(folders),
        digest=_digest(_source_files(folders)),
    )
    check(catalog)
    if catalog.prices:
        fields = {name: dict(one.fields()) for name, one in catalog.types.items()}
        check_prices(catalog.prices, fields)
    return catalog


def _source_files(folders: Sequence[Path]) -> Iterator[Path]:
    """Everything that decides what the catalog is. Certificates are JSON, too: a new one is another catalog."""
    for root in folders:
        for path in root.rglob("*"):
            if path.suffix in {".toml", ".j2", ".json"}:
                yield path


def _types(
    folders: Sequence[Path], platform: PlatformFile, common_templates: Mapping[str, str]
) -> dict[str, ResourceType]:
    found = {}
    for root in folders:
        for folder in sorted(root.iterdir()):
            if (folder / "resource.toml").is_file():
                found[folder.name] = _resource_type(folder, platform, common_templates)
            elif folder.name != COMMON and _has_templates(folder):
                raise CatalogError(
                    f"{folder / 'resource.toml'}: missing beside templates; a type is taken whole from one folder, "
                    "so copy all of its files."
                )
    return dict(sorted(found.items()))


def _has_templates(folder: Path) -> bool:
    return next(folder.glob("*.tf.j2"), None) is not None


def _prices(folders: Sequence[Path]) -> PricesFile | None:
    """Who keeps none gets no estimates."""
    files = [root / COMMON / "prices.toml" for root in folders]
    found = [file for file in files if file.is_file()]
    return _read(found[-1], PricesFile) if found else None


def _imported_prices(folders: Sequence[Path]) -> ImportedPrices | None:
    files = [root / COMMON / "prices.json" for root in folders]
    found = [file for file in files if file.is_file()]
    if not found:
        return None
    try:
        return ImportedPrices.model_validate(_json(found[-1]))
    except ValidationError as error:
        raise CatalogError(f"{found[-1]}: manage.py catalog prices writes it anew.") from error


def _resource_type(
    folder: Path, platform: PlatformFile, common_templates: Mapping[str, str]
) -> ResourceType:
    file = _described(folder)
    templates = _templates([folder])
    if "main.tf" not in templates:
        raise CatalogError(f"{folder / 'main.tf.j2'}: missing; every resource type needs one.")
    # The most particular last: a type may say more of a parameter that the platform has for all.
    parameters = {**platform.parameters, **_shared(folder, file, platform), **file.parameters}
    return ResourceType(
        name=folder.name,
        file=file,
        parameters=parameters,
        templates={**_of_parameters(parameters, common_templates), **templates},
        folder=folder,
        digest=_digest([folder / "resource.toml", *folder.glob("*.tf.j2")]),
    )


def _of_parameters(
    parameters: Mapping[str, Parameter], common_templates: Mapping[str, str]
) -> dict[str, str]:
    """What belongs to a parameter is written once for all types that have it: `_common/network.tf.j2`."""
    names = [f"{parameter}.tf" for parameter in parameters]
    return {name: common_templates[name] for name in names if name in common_templates}


def _described(folder: Path) -> ResourceFile:
    """`resource.toml`, with the words of `vocabulary.toml` where the folder has one."""
    path, words = folder / "resource.toml", folder / vocabulary_format.FILE
    if not words.is_file():
        return _read(path, ResourceFile)
    said = _read(words, VocabularyFile).model_dump(exclude_unset=True)
    try:
        return _validated(path, ResourceFile, lambda content: merged(content, said))
    except KeyError as error:
        raise CatalogError(f"{words}: {error.args[0]}: resource.toml has no such key.") from error


def _shared(folder: Path, file: ResourceFile, platform: PlatformFile) -> Mapping[str, Parameter]:
    shared = {}
    for name in file.shared:
        if name not in platform.shared:
            reason = f"shared: {name!r} is not in platform.toml."
            raise CatalogError(f"{folder / 'resource.toml'}: {reason}")
        shared[name] = platform.shared[name]
    return shared


def _templates(folders: Iterable[Path]) -> Mapping[str, str]:
    templates = {}
    for folder in folders:
        for path in sorted(folder.glob("*.tf.j2")):
            templates[path.name.removesuffix(".j2")] = _text(path)
    return templates


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path}: not UTF-8: {error.reason} at byte {error.start}.") from error


def _last(folders: Sequence[Path], name: str) -> Path:
    found = [root / name for root in folders if (root / name).is_file()]
    if not found:
        searched = ", ".join(map(str, folders)) or "an empty CATALOG_PATHS"
        raise CatalogError(f"{name}: missing in {searched}.")
    return found[-1]


def _read(path: Path, model: type[Read]) -> Read:
    return _validated(path, model, dict)


def _validated(
    path: Path, model: type[Read], changed: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> Read:
    try:
        content = _toml(path.read_text(encoding="utf-8"))
        return model.model_validate(changed(content))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(f"{path}: not TOML: {error}") from error
    except ValidationError as error:
        # One at a time: the second mistake is often only what follows from the first.
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        reason = "there is no such key" if first["type"] == "extra_forbidden" else first["msg"]
        raise CatalogError(f"{path}: {key}: {reason} (found {first['input']!r:.80}).") from error


@lru_cache(maxsize=256)
def _toml(text: str) -> Mapping[str, Any]:
    """Half of the time of a load goes into it, and catalog commands load more than once."""
    return tomllib.loads(text)


def _json(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CatalogError(f"{path}: not JSON: {error}") from error
    if not isinstance(content, dict):
        raise CatalogError(f"{path}: must hold an object of lists.")
    return content


def _digest(paths: Iterable[Path]) -> str:
    """Of names and contents, independent of where the folder lies."""
    total = hashlib.sha256()
    for path in sorted(paths):
        # NUL stands in no name and no text file, so no two lists of files run together to the same bytes.
        total.update(f"{path.parent.name}/{path.name}\0".encode())
        total.update(path.read_bytes())
        total.update(b"\0")
    return total.hexdigest()

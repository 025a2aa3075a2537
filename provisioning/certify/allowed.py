"""`_common/allowed.json` out of cfn-lint's data, as `_common/allowed.toml` says. cfn-lint is no dependency: it is read as files.

The same cfn-lint, regions and tables give the same bytes.
"""

import json
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from provisioning.catalog.format import Plain, Table, Word
from provisioning.errors import CatalogError

TABLES, FILE = "allowed.toml", "allowed.json"
# In characters: a list on one endless line is no diff that anybody reads.
WIDTH = 113
SIZES = ("nano", "micro", "small", "medium", "large", "xlarge")
# What AWS puts before the family's name in the services that are no EC2.
PREFIXES = {"db", "cache", "search"}
_TIMES_SIZE = re.compile(r"(\d*)(.*)")


class WantedList(Table):
    """One list, or one per region or CPU size; the comment in `allowed.toml` explains the keys."""

    key: Word
    take: Literal["versions", "regions", "pairs", "runtimes", "given"]
    file: str = ""
    deprecated: str = ""
    engines: list[str] = Field(default=[])
    keep: str = ".*"
    series: int = 0
    values: list[Plain] = Field(default=[])
    source: str = ""


class Waiting(Table):
    """Values of a list that AWS has and the certified provider does not know; `until` ends "waits until"."""

    key: Word
    values: list[Plain]
    until: Word
    source: Word


class Tables(Table):
    note: Word
    lists: list[WantedList]
    waiting: list[Waiting] = Field(default=[])


@dataclass(frozen=True, slots=True)
class Package:
    """An unpacked cfn-lint."""

    folder: Path

    def read(self, file: str) -> Any:
        """Raises `CatalogError` where the package has no such file, as when a new release keeps its data elsewhere."""
        path = self.folder / "data" / "schemas" / file
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CatalogError(f"{path}: cannot be read as cfn-lint's data: {error}") from error

    @property
    def version(self) -> str:
        """Raises `CatalogError` for a folder that is no cfn-lint."""
        path = self.folder / "version.py"
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        found = re.search(r'__version__ = "([\d.]+)"', text)
        if found is None:
            raise CatalogError(
                f"{self.folder}: not cfn-lint; name the folder that holds its version.py."
            )
        return found[1]

    @property
    def date(self) -> str:
        return str(self.read("version.json")["schema_date"])[:10]


def tables(path: Path) -> Tables:
    """Raises `CatalogError` where the file is missing or not in this form."""
    try:
        return Tables.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise CatalogError(f"{path}: {error}") from error


def extract(package: Package, wanted: Tables, regions: Sequence[str]) -> dict[str, Any]:
    """The content of `allowed.json`. Raises `CatalogError` for a list that comes out empty."""
    version = package.version  # first, for it says it of a folder that is no cfn-lint at all
    given = [each for each in wanted.lists if each.take == "given"]
    content: dict[str, Any] = {
        "date": package.date,
        "source": f"cfn-lint {version} schema_date {package.date}",
        "note": wanted.note,
        "also": {each.key: each.source for each in given},
    }
    if wanted.waiting:
        content["waiting"] = {each.key: each.model_dump(exclude={"key"}) for each in wanted.waiting}
    for each in wanted.lists:
        _place(content, each.key.split("."), _taken(package, each, regions))
    return content


def _taken(package: Package, wanted: WantedList, regions: Sequence[str]) -> Any:
    if wanted.take == "given":
        return list(wanted.values)
    found = _extracted(package, wanted, regions)
    # An empty list would allow nothing, and is what a cfn-lint that was laid out anew gives.
    parts = found.values() if isinstance(found, dict) else [found]
    if not parts or not all(parts):
        raise CatalogError(
            f"{TABLES}: {wanted.key}: {wanted.file} of this cfn-lint has nothing that `keep` keeps."
        )
    return found


def _extracted(package: Package, wanted: WantedList, regions: Sequence[str]) -> Any:
    data = package.read(wanted.file)
    match wanted.take:
        case "versions":
            deprecated = package.read(wanted.deprecated) if wanted.deprecated else {}
            return _versions(wanted, data, deprecated)
        case "regions":
            return {region: _of_region(wanted, data.get(region, {})) for region in regions}
        case "pairs":
            return {cpu: sizes for cpu, sizes in _pairs(data) if re.fullmatch(wanted.keep, cpu)}
        case _:
            return _runtimes(wanted, data, package.date)


def _versions(wanted: WantedList, data: Any, deprecated: Any) -> list[str]:
    old: set[str] = set()
    listed: set[str] = set()
    for engine in wanted.engines:
        old.update(_enum(deprecated, engine, "if", "EngineVersion"))
        listed.update(_enum(data, engine, "then", "EngineVersion"))
    kept = [version for version in listed - old if re.fullmatch(wanted.keep, version)]
    series: set[str] = set()
    if wanted.series:
        series = {".".join(version.split(".")[: wanted.series]) for version in kept}
    return sorted(series, key=_newest_first) + sorted(kept, key=_newest_first)


def _enum(data: Any, engine: str, part: str, field: str) -> Iterator[str]:
    for rule in data.get("allOf", []):
        engines = rule["if"]["properties"].get("Engine", {})
        # `then` may be plain false: the version is refused whatever else is said.
        if engines.get("const") == engine and isinstance(rule[part], dict):
            yield from rule[part]["properties"].get(field, {}).get("enum", [])


def _newest_first(version: str) -> tuple[int, ...]:
    return tuple(-int(number) for number in re.findall(r"\d+", version))


def _of_region(wanted: WantedList, data: Any) -> list[str]:
    listed = [set(_enum(data, engine, "then", "DBInstanceClass")) for engine in wanted.engines]
    # A class that only one of the engines has would let the other engine's requests fail in AWS.
    common = set.intersection(*listed) if listed else set(data.get("enum", []))
    kept = [name for name in common if re.fullmatch(wanted.keep, name)]
    return sorted(kept, key=_smallest_first)


def _smallest_first(name: str) -> tuple[str, int, int, str]:
    """By family, then "large" before "2xlarge" before "12xlarge" before "metal"."""
    family, *rest = [part for part in name.split(".") if part not in PREFIXES]
    if not rest:
        return "", len(SIZES), 1, name
    times, size = _TIMES_SIZE.fullmatch(rest[-1]).groups()  # type: ignore[union-attr]
    rank = SIZES.index(size) if size in SIZES else len(SIZES)
    return family, rank, int(times or 1), name


def _pairs(data: Any) -> Iterator[tuple[str, list[int]]]:
    for rule in data["then"]["anyOf"]:
        memory = rule["properties"]["Memory"]["then"]
        sizes = memory.get("enum")
        if not sizes:
            sizes = range(memory["minimum"], memory["maximum"] + 1, memory["multipleOf"])
        for cpu in rule["properties"]["Cpu"]["then"]["enum"]:
            yield cpu, list(sizes)


def _runtimes(wanted: WantedList, data: Mapping[str, Any], today: str) -> list[str]:
    kept = []
    for name, life in data.items():
        # Dates of ISO 8601 sort as texts; a runtime whose end is not known yet lives on.
        ends = life["create-block"] or "9"
        if ends > today and re.fullmatch(wanted.keep, name):
            kept.append(name)
    return sorted(kept, key=lambda name: (_language(wanted, name), _newest_first(name)))


def _language(wanted: WantedList, name: str) -> int:
    """Languages stand as they do in `keep`."""
    return wanted.keep.index(re.match("[a-z]+", name)[0])  # type: ignore[index]


def _place(content: dict[str, Any], steps: Sequence[str], found: Any) -> None:
    for step in steps[:-1]:
        content = content.setdefault(step, {})
    content[steps[-1]] = found


def written(content: Mapping[str, Any]) -> str:
    return _object(content, "") + "\n"


def _object(content: Mapping[str, Any], indent: str) -> str:
    inner = indent + "  "
    lines = []
    for key, value in content.items():
        name = json.dumps(key)
        lines.append(f"{inner}{name}: {_value(value, inner, len(key) + 4)}")
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _value(value: Any, indent: str, before: int) -> str:
    if isinstance(value, dict):
        return _object(value, indent)
    plain = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, list) or len(indent) + before + len(plain) < WIDTH:
        return plain
    filled = textwrap.fill(plain[1:-1], WIDTH - len(indent) - 2, break_on_hyphens=False)
    return f"[\n{textwrap.indent(filled, indent + '  ')}\n{indent}]"

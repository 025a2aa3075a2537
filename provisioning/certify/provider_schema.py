"""Which attributes and blocks provider 6 knows, and whether a template uses no other.

Terraform 1.11 can only ask the provider that is installed. The npm package @cdktf/provider-aws carries the schema of its
provider as JavaScript; `extract` makes a small file of the types in use from it, which is committed and read here.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from provisioning.errors import CatalogError
from provisioning.hcl.reader import parse
from provisioning.hcl.tree import Block

NAME = "provider_schema.json"
FILE = Path(__file__).parent / NAME
META_ATTRIBUTES = {"count", "for_each", "depends_on", "provider"}
META_BLOCKS = {"lifecycle", "timeouts"}
NOT_IN_SCHEMA = (
    "is in no provider_schema.json; manage.py certify --provider-schema adds it beside the catalog"
)

_INTERFACE = re.compile(r"export interface (\w+)[^{]*\{(.*?)\n\}", re.DOTALL)
_FIELD = re.compile(r"#(\w+)\}(?:(?!#\w+\}).)*?readonly \w+(\??):", re.DOTALL)
_FUNCTION = re.compile(
    r"function (\w+)ToHclTerraform\(struct\) \{.*?const attrs = \{(.*?)\n    \};", re.DOTALL
)
_OF_TYPE = re.compile(
    r"synthesizeHclAttributes\(\) \{\s+const attrs = \{(.*?)\n        \};", re.DOTALL
)
_ENTRY = re.compile(r"(\w+): \{\s+value: (.*?),\s+isBlock: (true|false),")
_NESTED = re.compile(r"(\w+)ToHclTerraform")
_COMPUTED = re.compile(r"get\w+Attribute\('(\w+)'\)|\(this, \"(\w+)\"")


@dataclass(frozen=True, slots=True)
class Schema:
    """`types` maps "aws_s3_bucket" and "data.aws_region" to {attributes: {name: required}, blocks: {name: …}, known: […]}."""

    provider: str
    package: str
    types: Mapping[str, Any]


def load(folders: Iterable[Path] = ()) -> Schema:
    """The built-in kinds and those that stand beside the catalogs, in their `_common`. Raises `CatalogError` for a file that is
    none, or is of another provider."""
    whole = _read(FILE)
    for folder in folders:
        file = beside(folder)
        if file.is_file():
            whole = _joined(whole, _read(file), file)
    return whole


@cache
def _read(file: Path) -> Schema:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return Schema(content["provider"], content["package"], content["types"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CatalogError(f"{file}: no attributes of a provider: {error}") from error


def beside(catalog_folder: Path) -> Path:
    """Where the kinds lie that the types of this folder use and the portal's own do not."""
    return catalog_folder / "_common" / NAME


def _joined(one: Schema, other: Schema, file: Path) -> Schema:
    """A kind that stands in both is the portal's."""
    if other.provider != one.provider:
        raise CatalogError(
            f"{file}: of provider {other.provider}, and the portal's is {one.provider}. Take @cdktf/provider-aws of that."
        )
    return Schema(one.provider, one.package, {**other.types, **one.types})


def problems(files: Mapping[str, str], schema: Schema) -> Iterator[str]:
    """What the provider does not know or misses."""
    for name, text in files.items():
        if name.endswith(".tf"):
            file = parse(text)
            for block in file.blocks():
                if block.type in {"resource", "data"}:
                    yield from (f"{name}: {problem}" for problem in _of_resource(block, schema))
            yield from (f"{name}: {problem}" for problem in _of_references(file, schema))


def types_in(files: Mapping[str, str]) -> set[str]:
    blocks = (
        block
        for name, text in files.items()
        if name.endswith(".tf")
        for block in parse(text).blocks()
    )
    return {_type(block) for block in blocks if block.type in {"resource", "data"}}


def _type(block: Block) -> str:
    return f"data.{block.labels[0]}" if block.type == "data" else block.labels[0]


def _of_resource(block: Block, schema: Schema) -> Iterator[str]:
    known = schema.types.get(_type(block))
    if known is None:
        yield f"{_type(block)} {NOT_IN_SCHEMA}."
    else:
        yield from _of_body(str(block), block, known, META_ATTRIBUTES)


def _of_body(
    where: str, block: Block, known: Mapping[str, Any], meta: Iterable[str] = ()
) -> Iterator[str]:
    present = {item.name for item in block.attributes()}
    for name in sorted(present - known["attributes"].keys() - set(meta)):
        yield f"{where} has no attribute {name!r}."
    # Some attributes may be written as blocks: https://developer.hashicorp.com/terraform/language/attr-as-blocks
    present |= {_block_name(child) for child in block.blocks()}
    for name, required in known["attributes"].items():
        if required and name not in present:
            yield f"{where} needs {name!r}."
    for child in block.blocks():
        yield from _of_inner(where, child, known, meta)


def _of_inner(
    where: str, child: Block, known: Mapping[str, Any], meta: Iterable[str]
) -> Iterator[str]:
    name = _block_name(child)
    if name in known["blocks"]:
        for content in _contents(child):
            yield from _of_body(f"{where}, {name}", content, known["blocks"][name])
    elif name not in META_BLOCKS or not meta:
        yield f"{where} has no block {name!r}."


def _block_name(block: Block) -> str:
    return block.labels[0] if block.type == "dynamic" else block.type


def _contents(block: Block) -> Iterable[Block]:
    return block.blocks("content") if block.type == "dynamic" else (block,)


def _of_references(file: Block, schema: Schema) -> Iterator[str]:
    """`aws_s3_bucket.this.arn`, `aws_s3_bucket.this[0].arn`, `data.aws_region.this.name`."""
    for expression in file.expressions():
        words = re.sub(r" ?\. ?", ".", re.sub(r" \[ (?:\S+ )*?\]", "", " ".join(expression)))
        for kind, attribute in re.findall(r"(?<![\w.])((?:data\.)?aws_\w+)\.\w+\.(\w+)", words):
            known = schema.types.get(kind)
            if known is not None and attribute not in known["known"]:
                yield f"{kind} has no attribute {attribute!r} to refer to."


def extract(package: Path, types: Iterable[str]) -> Mapping[str, Any]:
    """`package` is the unpacked npm package. Raises `FileNotFoundError` for a type that it does not have."""
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    found = {name: _extracted(package / "lib" / _folder(name)) for name in sorted(types)}
    return {
        "package": f"{about['name']} {about['version']}",
        "provider": next(iter(found.values()))["provider"] if found else "",
        "types": {name: schema["schema"] for name, schema in found.items()},
    }


def _folder(name: str) -> str:
    """ "aws_s3_bucket" lies in "s3-bucket", "data.aws_region" in "data-aws-region"."""
    return name.removeprefix("aws_").replace("data.", "data-").replace("_", "-")


def _all_text(folder: Path, pattern: str) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob(pattern)))


def _extracted(folder: Path) -> Mapping[str, Any]:
    script = _all_text(folder, "*.js")
    required = {}
    for name, body in _INTERFACE.findall(_all_text(folder, "*.d.ts")):
        required[name.lower()] = dict(_FIELD.findall(body))
    structs = {name.lower(): body for name, body in _FUNCTION.findall(script)}
    own = _OF_TYPE.findall(script)[-1]
    # The type's own configuration is the interface that no function writes a struct for.
    [config] = (
        name for name in required.keys() - structs.keys() if name.endswith(("config", "configa"))
    )
    schema = _schema(own, required[config], structs, required)
    direct = script[script.rindex("synthesizeHclAttributes") - len(script) :]
    of_class = script[script.rindex("extends cdktf.Terraform") : -len(direct)]
    computed = {one or other for one, other in _COMPUTED.findall(of_class)}
    schema["known"] = sorted(computed | schema["attributes"].keys() | schema["blocks"].keys())
    provider = re.search(r"providerVersion: '([\d.]+)'", script)
    return {"schema": schema, "provider": provider[1] if provider else ""}


def _schema(
    body: str,
    optional: Mapping[str, str],
    structs: Mapping[str, str],
    required: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    attributes: dict[str, bool] = {}
    blocks: dict[str, Any] = {}
    for name, value, is_block in _ENTRY.findall(body):
        nested = [match.lower() for match in _NESTED.findall(value) if match.lower() in structs]
        if is_block == "true" and nested:
            blocks[name] = _schema(
                structs[nested[0]], required.get(nested[0], {}), structs, required
            )
            if optional.get(name) == "":
                attributes[name] = True
        else:
            attributes[name] = optional.get(name) == ""
    return {"attributes": attributes, "blocks": blocks}

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
# The blocks whose first label names something of the provider.
OF_PROVIDER = {"resource", "data"}
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
_INDEX = re.compile(r" \[ (?:\S+ )*?\]")
_POINT = re.compile(r" ?\. ?")
_REFERENCE = re.compile(r"(?<![\w.])((?:data\.)?aws_\w+)\.\w+\.(\w+)")


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
        file = schema_file(folder)
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


def schema_file(catalog_folder: Path) -> Path:
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
            for problem in _in_file(parse(text), schema):
                yield f"{name}: {problem}"


def _in_file(file: Block, schema: Schema) -> Iterator[str]:
    for block in file.blocks():
        if block.type in OF_PROVIDER:
            yield from _of_resource(block, schema)
    yield from _of_references(file, schema)


def types_in(files: Mapping[str, str]) -> set[str]:
    types = set()
    for name, text in files.items():
        if name.endswith(".tf"):
            for block in parse(text).blocks():
                if block.type in OF_PROVIDER:
                    types.add(_type(block))
    return types


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
        # The reader parts words by blanks; an index stands between two names and means neither.
        without_index = _INDEX.sub("", " ".join(expression))
        words = _POINT.sub(".", without_index)
        for kind, attribute in _REFERENCE.findall(words):
            known = schema.types.get(kind)
            if known is not None and attribute not in known["known"]:
                yield f"{kind} has no attribute {attribute!r} to refer to."


def extract(package: Path, types: Iterable[str]) -> Mapping[str, Any]:
    """`package` is the unpacked npm package. Raises `FileNotFoundError` for a type that it does not have."""
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    schemas: dict[str, Any] = {}
    provider = ""
    for name in sorted(types):
        found = _extracted(package / "lib" / _folder(name))
        schemas[name] = found["schema"]
        provider = provider or found["provider"]  # one package is generated from one provider
    return {
        "package": f"{about['name']} {about['version']}",
        "provider": provider,
        "types": schemas,
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
    schema = _schema(own, required[_config(required, structs)], structs, required)
    names = _computed(script) | schema["attributes"].keys() | schema["blocks"].keys()
    schema["known"] = sorted(names)
    provider = re.search(r"providerVersion: '([\d.]+)'", script)
    return {"schema": schema, "provider": provider[1] if provider else ""}


def _config(required: Mapping[str, Any], structs: Mapping[str, str]) -> str:
    """The type's own configuration is the interface that no function writes a struct for."""
    without_struct = required.keys() - structs.keys()
    [config] = [name for name in without_struct if name.endswith(("config", "configa"))]
    return config


def _computed(script: str) -> set[str]:
    """What the provider works out, as the accessors of the type's own class name it. The class begins where it extends
    cdktf's, and what it writes out at its end are arguments."""
    begins = script.rindex("extends cdktf.Terraform")
    ends = script.rindex("synthesizeHclAttributes")
    found = _COMPUTED.findall(script[begins:ends])
    return {one or other for one, other in found}


def _schema(
    body: str,
    optional: Mapping[str, str],
    structs: Mapping[str, str],
    required: Mapping[str, Mapping[str, str]],
) -> dict[str, Any]:
    attributes: dict[str, bool] = {}
    blocks: dict[str, Any] = {}
    for name, value, is_block in _ENTRY.findall(body):
        is_required = optional.get(name) == ""  # no question mark behind it
        struct = _struct_of(value, structs) if is_block == "true" else ""
        if struct:
            # Optional fields of a block are of its own interface, under the same name.
            blocks[name] = _schema(structs[struct], required.get(struct, {}), structs, required)
        # A block that must be there is also an attribute that must be, see `_of_body`.
        if is_required or not struct:
            attributes[name] = is_required
    return {"attributes": attributes, "blocks": blocks}


def _struct_of(value: str, structs: Mapping[str, str]) -> str:
    for match in _NESTED.findall(value):
        if match.lower() in structs:
            return str(match.lower())
    return ""

"""The promise that nothing which people or a model wrote can change what the template says, looked at on each rendering.

`reference` is the same template rendered for the same structure choices with other values. The rendering may differ from it
in `terraform.tfvars.json`, which Terraform takes literally, and in the literals of `backend.tf`, where Terraform allows no
variable; everywhere else byte for byte not at all.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from provisioning.domain import RenderedResource
from provisioning.domain.invisible import hidden_kind
from provisioning.errors import CheckFailedError
from provisioning.hcl.declared import parse_variables
from provisioning.hcl.skeleton import skeleton
from provisioning.hcl.tree import Attribute, Block, Comment, HclSyntaxError

BACKEND, TFVARS, VARIABLES = "backend.tf", "terraform.tfvars.json", "variables.tf"
# It stands in `backend.tf` as a literal, so it is made of nothing that HCL or a path could read otherwise.
DIRECTORY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


def check_closed(rendered: RenderedResource, reference: RenderedResource) -> None:
    """Raises `CheckFailedError` with the first file and place where the rendering is not the template's."""
    if not DIRECTORY.fullmatch(rendered.directory):
        raise _failed(
            rendered, f"its directory {rendered.directory!r:.80} is not made of plain names"
        )
    if rendered.files.keys() != reference.files.keys():
        odd = ", ".join(sorted(rendered.files.keys() ^ reference.files.keys()))
        raise _failed(rendered, f"the template writes other files ({odd})")
    try:
        for name in rendered.files:
            if name != TFVARS:
                _check_file(rendered, name, reference.files[name])
        values = read_tfvars(rendered.files[TFVARS])
        for name, value in values.items():
            _check_value(rendered, name, value)
    # Code that cannot be read is as far from the template as code that differs.
    except (HclSyntaxError, ValueError) as error:
        raise _failed(rendered, str(error)) from error


def _check_file(rendered: RenderedResource, name: str, wanted: str) -> None:
    written = rendered.files[name]
    if written == wanted:
        return
    # The structure is named first: a block too many is worse than a value in the wrong place.
    difference = _difference(skeleton(wanted), skeleton(written), name)
    if difference:
        raise _failed(rendered, f"its structure is not the template's: {difference}")
    if name != BACKEND:
        raise _failed(rendered, f"a value stands in {name}; values belong in {TFVARS}")
    is_plain = written.isascii() and written.replace("\n", "").isprintable()
    if not is_plain:
        raise _failed(rendered, f"{name} holds characters that are not plain")


def _check_value(rendered: RenderedResource, name: str, value: Any) -> None:
    if name not in parse_variables(rendered.files[VARIABLES]):
        raise _failed(rendered, f"{TFVARS} sets {name!r}, which {VARIABLES} does not declare")
    for text in _texts(value):
        reason = unclear(text)
        if reason:
            raise _failed(rendered, f"the value of {name!r} {reason}")


def read_tfvars(text: str) -> Mapping[str, Any]:
    """Strict JSON: one object, no key twice, no NaN. Raises `ValueError`."""
    values = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    if not isinstance(values, dict):
        raise ValueError(f"{TFVARS} must hold one object")
    return values


def unclear(text: str) -> str:
    """Why a reviewer could read the text otherwise than Terraform does, or ""."""
    # Nearly every value is plain, and looking at each letter of a script costs.
    if text.isascii() and text.isprintable():
        return ""
    for character in text:
        kind = hidden_kind(character)
        if kind:
            sign = f"{kind} character U+{ord(character):04X}"
            return f"holds the {sign}, which a reader would not see; leave it out"
    if not unicodedata.is_normalized("NFC", text):
        return (
            "would be changed by Terraform, which normalizes text to NFC; write it in composed form"
        )
    return ""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Python takes the last one of two, Terraform may take the first: what is checked must be what is used."""
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        raise ValueError(f"{TFVARS} has a key twice")
    return dict(pairs)


def _no_constant(word: str) -> None:
    raise ValueError(f"{TFVARS} holds {word}, which is no number to Terraform")


def _difference(wanted: Block, written: Block, where: str) -> str:
    """The first place at which two skeletons differ, in words, or ""."""
    if wanted == written:
        return ""
    for ours, theirs in zip(wanted.body, written.body, strict=False):
        if ours == theirs:
            continue
        if isinstance(ours, Block) and isinstance(theirs, Block) and str(ours) == str(theirs):
            return _difference(ours, theirs, f"{where}, {ours}")
        return f"{where} has {_name(theirs)} where {_name(ours)} belongs"
    # As far as the shorter one goes they are the same.
    common = min(len(wanted.body), len(written.body))
    if len(wanted.body) > common:
        return f"{where} lacks {_name(wanted.body[common])}"
    return f"{where} has too much: {_name(written.body[common])}"


def _name(item: Block | Attribute | Comment) -> str:
    if isinstance(item, Attribute):
        return f"the attribute {item.name!r} = {' '.join(item.expression)!r:.80}"
    return f"the block {item}" if isinstance(item, Block) else f"the comment {item.text!r:.60}"


def _failed(rendered: RenderedResource, reason: str) -> CheckFailedError:
    return CheckFailedError(
        f"The Terraform for {rendered.type} {rendered.name!r} was refused: {reason}. Nothing was published; if the request "
        "itself looks right, tell the platform team."
    )

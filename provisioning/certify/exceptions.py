"""What a type declares that the emulator cannot do: laid over the code in the proof only, and said in its certificate.

Terraform itself makes each exception, in an override file: https://developer.hashicorp.com/terraform/language/files/override
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioning.catalog.format import EmulatorException
from provisioning.hcl.reader import parse
from provisioning.hcl.tree import Block

Exceptions = Sequence[EmulatorException]
Changes = Mapping[str, Mapping[str, bool]]


def parameters(exceptions: Exceptions) -> dict[str, Any]:
    return {name: value for one in exceptions for name, value in one.parameters.items()}


def override(exceptions: Exceptions, files: Mapping[str, str], *, ignoring: bool) -> dict[str, Any]:
    """In Terraform's JSON syntax. `ignoring` lets no plan touch what comes back with another value, as `ignore_changes` does."""
    kinds: dict[str, dict[str, Any]] = {}
    for address, block in resources(files).items():
        laid = _laid_over(block, [one for one in exceptions if one.resource == address], ignoring)
        if laid:
            kind, name = address.split(".")
            kinds.setdefault(kind, {})[name] = laid
    return {"resource": kinds} if kinds else {}


def resources(files: Mapping[str, str]) -> dict[str, Block]:
    """ "aws_sns_topic.this" → its block."""
    blocks = (
        block
        for name, text in files.items()
        if name.endswith(".tf")
        for block in parse(text).blocks("resource")
    )
    return {".".join(block.labels): block for block in blocks}


def changes(shown_plan: str) -> Changes:
    """Of each resource that the plan would change, the arguments that would get another value, and whether that value is known:
    what is not follows from another change. "aws_x.this[0]" is "aws_x.this"."""
    found: dict[str, dict[str, bool]] = {}
    for planned in json.loads(shown_plan)["resource_changes"]:
        change = planned["change"]
        if change["actions"] not in (["no-op"], ["read"]):
            paths = found.setdefault(planned["address"].partition("[")[0], {})
            paths.update(
                _different(change["before"] or {}, change["after"] or {}, change["after_unknown"])
            )
            paths.update((str(path[0]), True) for path in change.get("replace_paths", ()))
    return found


def unused(exceptions: Exceptions, found: Changes) -> list[str]:
    """What is said to come back with another value, and does not."""
    return [
        f"{one.resource}.{name}"
        for one in exceptions
        for name in one.differs
        if not any(_within(path, name) for path in found.get(one.resource, ()))
    ]


def unknown(exceptions: Exceptions, files: Mapping[str, str]) -> list[str]:
    known = resources(files)
    return [one.resource for one in exceptions if one.resource and one.resource not in known]


def in_words(exceptions: Exceptions) -> str:
    """ "" without any."""
    said = "; ".join(f"{_in_words(one)} ({one.reason})" for one in exceptions)
    return f" Excepted: {said}." if said else ""


def _in_words(one: EmulatorException) -> str:
    if one.parameters:
        return f"asked for with {_values(one.parameters)}"
    if one.omit:
        return f"without {one.resource}"
    if one.set:
        return f"{one.resource} with {_values(one.set)}"
    if one.differs:
        return f"{one.resource} comes back with another {', '.join(one.differs)}"
    return f"{one.resource} is not destroyed"


def _within(path: str, name: str) -> bool:
    return path == name or path.startswith(f"{name}[")


def _values(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {json.dumps(value)}" for name, value in values.items())


def _laid_over(block: Block, exceptions: Exceptions, ignoring: bool) -> dict[str, Any]:
    laid: dict[str, Any] = {}
    differing: list[str] = []
    for one in exceptions:
        laid |= one.set
        differing += one.differs
    if any(one.omit for one in exceptions):
        laid |= _none_of(block)
    if differing and ignoring:
        laid["lifecycle"] = {"ignore_changes": [*_ignored(block), *differing]}
    return laid


def _none_of(block: Block) -> dict[str, Any]:
    return {"count": 0} if block.attribute("for_each") is None else {"for_each": {}}


def _ignored(block: Block) -> list[str]:
    """What the template's own `ignore_changes` lists, which an override would replace."""
    found = (
        "".join(inner.attribute("ignore_changes") or "[]") for inner in block.blocks("lifecycle")
    )
    return [path for paths in found for path in paths[1:-1].replace("\n", "").split(",") if path]


def _different(
    before: Mapping[str, Any], after: Mapping[str, Any], unknown: Mapping[str, Any], where: str = ""
) -> Iterator[tuple[str, bool]]:
    """As `ignore_changes` names them, "origin[0].origin_path", and whether the new value is known."""
    old: Any
    new: Any
    for name in sorted({*before, *after}):
        old, new, later = before.get(name), after.get(name), unknown.get(name)
        if later is not True and _are_blocks(old, new):
            for index, (one, other) in enumerate(zip(old, new, strict=True)):
                yield from _different(
                    one, other, later[index] if later else {}, f"{where}{name}[{index}]."
                )
        elif later is True or old != new:
            yield where + name, later is not True


def _are_blocks(old: Any, new: Any) -> bool:
    both = isinstance(old, list) and isinstance(new, list) and len(old) == len(new)
    return both and all(isinstance(item, dict) for item in [*old, *new])

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
    together: dict[str, Any] = {}
    for one in exceptions:
        together.update(one.parameters)
    return together


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
    found = {}
    for name, text in files.items():
        if name.endswith(".tf"):
            for block in parse(text).blocks("resource"):
                found[".".join(block.labels)] = block
    return found


def changes(shown_plan: str) -> Changes:
    """Of each resource that the plan would change, the arguments that would get another value, and whether that value is known:
    what is not follows from another change. "aws_x.this[0]" is "aws_x.this"."""
    found: dict[str, dict[str, bool]] = {}
    for planned in json.loads(shown_plan)["resource_changes"]:
        change = planned["change"]
        if change["actions"] in (["no-op"], ["read"]):
            continue
        address, _, _ = planned["address"].partition("[")
        paths = found.setdefault(address, {})
        # Null where the resource is made or destroyed.
        before, after = change["before"] or {}, change["after"] or {}
        paths.update(_different(before, after, change["after_unknown"]))
        for path in change.get("replace_paths", ()):
            paths[str(path[0])] = True
    return found


def unused(exceptions: Exceptions, found: Changes) -> list[str]:
    """What is said to come back with another value, and does not."""
    idle = []
    for one in exceptions:
        changed = found.get(one.resource, ())
        for name in one.differs:
            if not any(_within(path, name) for path in changed):
                idle.append(f"{one.resource}.{name}")
    return idle


def unknown(exceptions: Exceptions, files: Mapping[str, str]) -> list[str]:
    known = resources(files)
    return [one.resource for one in exceptions if one.resource and one.resource not in known]


def in_words(exceptions: Exceptions) -> str:
    """ "" without any."""
    said = [f"{_in_words(one)} ({one.reason})" for one in exceptions]
    return f" Excepted: {'; '.join(said)}." if said else ""


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
    # Only in the second plan: the first one must still show what the emulator does.
    if differing and ignoring:
        laid["lifecycle"] = {"ignore_changes": [*_ignored(block), *differing]}
    return laid


def _none_of(block: Block) -> dict[str, Any]:
    """Terraform refuses `count` beside `for_each`, so an override takes whichever the template has."""
    return {"count": 0} if block.attribute("for_each") is None else {"for_each": {}}


def _ignored(block: Block) -> list[str]:
    """What the template's own `ignore_changes` lists, which an override would replace."""
    ignored = []
    for inner in block.blocks("lifecycle"):
        written = "".join(inner.attribute("ignore_changes") or "[]")
        paths = written[1:-1].replace("\n", "").split(",")
        ignored += [path for path in paths if path]
    return ignored


def _different(
    before: Mapping[str, Any], after: Mapping[str, Any], unknown: Mapping[str, Any], where: str = ""
) -> Iterator[tuple[str, bool]]:
    """As `ignore_changes` names them, "origin[0].origin_path", and whether the new value is known."""
    for name in sorted({*before, *after}):
        old, new, later = before.get(name), after.get(name), unknown.get(name)
        if later is True:  # the whole value is known after apply only
            yield where + name, False
        elif _are_blocks(old, new):
            yield from _different_blocks(old, new, later, where + name)
        elif old != new:
            yield where + name, True


def _different_blocks(old: Any, new: Any, unknown: Any, where: str) -> Iterator[tuple[str, bool]]:
    for index, (one, other) in enumerate(zip(old, new, strict=True)):
        later = unknown[index] if unknown else {}
        yield from _different(one, other, later, f"{where}[{index}].")


def _are_blocks(old: Any, new: Any) -> bool:
    """Only as many on both sides can be compared one by one."""
    if not isinstance(old, list) or not isinstance(new, list) or len(old) != len(new):
        return False
    return all(isinstance(item, dict) for item in [*old, *new])

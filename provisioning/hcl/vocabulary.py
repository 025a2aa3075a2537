"""What Terraform code of the portal may hold at all. Whatever runs a program, reads a file or fetches code is not in it, so
that a plan can be made of what was rendered without trusting it: `file("/proc/self/environ")` and `data "external"` run
while Terraform plans.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from provisioning.hcl.reader import parse
from provisioning.hcl.tree import Block

TOP_LEVEL = {
    "backend.tf": {"terraform"},
    "outputs.tf": {"output"},
    "providers.tf": {"terraform", "provider"},
    "variables.tf": {"variable"},
}
IN_OTHER_FILES = {"resource", "data", "locals"}
LABELS = {"resource": 2, "data": 2, "variable": 1, "output": 1, "provider": 1}
# An override file changes blocks of other files: https://developer.hashicorp.com/terraform/language/files/override
FILE_NAME = re.compile(r"^(?!.*override\.tf$)[a-z][a-z0-9_]*\.tf$|^terraform\.tfvars\.json$")
# `cloud` would send the state elsewhere, `provider_meta` data to a provider.
IN_TERRAFORM_BLOCK = {"required_providers", "backend"}
# Both reach out of Terraform: a program on this machine, or a shell on another one.
NOT_OFFLINE = {"provisioner", "connection"}
OF_PROVIDER = {"resource", "data", "provider"}
READS_DISK = {
    "abspath", "file", "filebase64", "filebase64sha256", "filebase64sha512", "fileexists", "filemd5", "fileset", "filesha1",
    "filesha256", "filesha512", "pathexpand", "templatefile",
}  # fmt: skip
# Their result is another one at each plan, so that a plan after the merge would show a change that nobody made.
CHANGES_EACH_TIME = {"bcrypt", "plantimestamp", "timestamp", "uuid"}


def disallowed_constructs(files: Mapping[str, str]) -> Iterator[str]:
    """One sentence for each thing that is not in the vocabulary. Raises `HclSyntaxError`."""
    providers = declared_providers(files)
    for name, text in files.items():
        if not FILE_NAME.fullmatch(name):
            yield f"a file {name!r} does not belong here."
        elif name.endswith(".tf"):
            yield from _in_file(name, text, providers)


def declared_providers(files: Mapping[str, str]) -> frozenset[str]:
    """The local names in `required_providers`; nothing may come from any other provider."""
    names: set[str] = set()
    for terraform in parse(files.get("providers.tf", "")).blocks("terraform"):
        for required in terraform.blocks("required_providers"):
            names.update(item.name for item in required.attributes())
    return frozenset(names)


# Cached by the text: a template's code is the same for every request of the type.
@lru_cache(maxsize=512)
def _in_file(name: str, text: str, providers: frozenset[str]) -> tuple[str, ...]:
    return tuple(f"{name}: {reason}" for reason in _strange(name, parse(text), providers))


def _strange(name: str, file: Block, providers: frozenset[str]) -> Iterator[str]:
    allowed = TOP_LEVEL.get(name, IN_OTHER_FILES)
    for item in file.attributes():
        yield f"{item.name!r} stands outside of a block."
    for block in file.blocks():
        if block.type not in allowed:
            yield f"a {block.type!r} block does not belong here."
        elif len(block.labels) != LABELS.get(block.type, 0):
            yield f"{block} has {len(block.labels)} labels."
        else:
            yield from _in_block(block, providers)


def _in_block(block: Block, providers: frozenset[str]) -> Iterator[str]:
    if block.type in OF_PROVIDER and _provider_of(block) not in providers:
        yield f"{block} is of a provider that providers.tf does not declare."
    for inner in block.blocks() if block.type == "terraform" else ():
        if inner.type not in IN_TERRAFORM_BLOCK:
            yield f"{inner} in the terraform block."
    for inner in block.descendants():
        if inner.type in NOT_OFFLINE:
            yield f"{block} has a {inner.type!r} block."
    for call in sorted(_forbidden_calls(block)):
        yield f"{block} calls {call}."


def _provider_of(block: Block) -> str:
    """Terraform takes the provider from the type's name up to the first underscore, unless an argument says otherwise."""
    return block.labels[0].partition("_")[0]


def _forbidden_calls(block: Block) -> Iterator[str]:
    for expression in block.expressions():
        for word, after in itertools.pairwise(expression):
            if after == "(" and word in READS_DISK | CHANGES_EACH_TIME:
                yield f"{word}()"
            # `provider::aws::arn_parse(…)`: a provider is a program, and its functions run while Terraform plans.
            if word == after == ":":
                yield "a provider's function"

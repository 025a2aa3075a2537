"""The skeleton of Terraform code: blocks, labels, attribute names, references, calls and comments, without literal values.

Two texts with the same skeleton differ in literals only.
"""

from functools import lru_cache

from provisioning.hcl.reader import parse
from provisioning.hcl.tree import Attribute, Block, Comment

TEXT, NUMBER = '""', "0"


@lru_cache(maxsize=512)
def skeleton(text: str) -> Block:
    """`parse` without the literals. Raises `HclSyntaxError`."""
    return _without_literals(parse(text))


def _without_literals(block: Block) -> Block:
    return Block(block.type, block.labels, tuple(map(_shape, block.body)))


def _shape(item: Block | Attribute | Comment) -> Block | Attribute | Comment:
    if isinstance(item, Block):
        return _without_literals(item)
    if isinstance(item, Attribute):
        return Attribute(item.name, tuple(map(_kind_of_literal, item.expression)))
    return item


def _kind_of_literal(token: str) -> str:
    if token[0] == '"' and len(token) > 1:
        return TEXT
    return NUMBER if token[0].isdigit() else token

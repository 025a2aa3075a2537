"""Terraform code as a tree: blocks, attributes, comments."""

from collections.abc import Iterator
from dataclasses import dataclass


class HclSyntaxError(ValueError):
    """The text is no Terraform, or none that the reader is sure to understand; says in which line and why."""


@dataclass(frozen=True, slots=True)
class Attribute:
    name: str
    expression: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comment:
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    type: str
    labels: tuple[str, ...]
    body: "tuple[Block | Attribute | Comment, ...]"

    def __str__(self) -> str:
        return " ".join([self.type, *(f'"{label}"' for label in self.labels)])

    def blocks(self, kind: str = "") -> "Iterator[Block]":
        return (item for item in self.body if isinstance(item, Block) and kind in {"", item.type})

    def descendants(self) -> "Iterator[Block]":
        for block in self.blocks():
            yield block
            yield from block.descendants()

    def attributes(self) -> Iterator[Attribute]:
        return (item for item in self.body if isinstance(item, Attribute))

    def attribute(self, name: str) -> tuple[str, ...] | None:
        return next((item.expression for item in self.attributes() if item.name == name), None)

    def expressions(self) -> Iterator[tuple[str, ...]]:
        """Every expression in it, at any depth."""
        for block in (self, *self.descendants()):
            yield from (item.expression for item in block.attributes())

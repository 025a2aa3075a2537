"""A unified diff as lines to show: what was added, what was removed, and at which line of which file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString

from provisioning.web.display.code import colored_lines

HUNK = re.compile(r"^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@ ?(.*)$")
Kind = Literal["added", "removed", "same", "hunk"]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """`sign` is the "+" or "-" that says it without color; numbers are missing on the side that lacks the line."""

    kind: Kind
    text: SafeString | str
    old: int | None = None
    new: int | None = None

    @property
    def sign(self) -> str:
        return {"added": "+", "removed": "\N{MINUS SIGN}"}.get(self.kind, "")


@dataclass(frozen=True, slots=True)
class DiffFile:
    path: str
    lines: tuple[DiffLine, ...]

    @property
    def added(self) -> int:
        return sum(line.kind == "added" for line in self.lines)

    @property
    def removed(self) -> int:
        return sum(line.kind == "removed" for line in self.lines)


def diff_files(unified: str) -> tuple[DiffFile, ...]:
    """Reads `git diff`'s output; a file without a text hunk (a mode change, a binary) has no lines."""
    parts = re.split(r"^diff --git .*\n", unified, flags=re.MULTILINE)[1:]
    return tuple(DiffFile(_path(part), tuple(_lines(_path(part), part))) for part in parts)


def _path(part: str) -> str:
    names = re.findall(
        r"^(?:\+\+\+ b/|--- a/|rename to )(.+?)\t?$", part.partition("\n@@")[0], flags=re.MULTILINE
    )
    return names[-1] if names else ""


def _lines(path: str, part: str) -> Iterator[DiffLine]:
    for hunk in re.split(r"^(?=@@ -)", part, flags=re.MULTILINE)[1:]:
        head, *body = hunk.removesuffix("\n").split("\n")
        match = HUNK.match(head)
        if match:
            yield DiffLine("hunk", match[3] or "…")
            yield from _hunk(
                path, [line for line in body if line[:1] in "+- "], int(match[1]), int(match[2])
            )


def _hunk(path: str, body: list[str], old: int, new: int) -> Iterator[DiffLine]:
    colored = colored_lines(path, [line[1:] for line in body])
    for line, html in zip(body, colored, strict=True):
        if line[:1] == "+":
            yield DiffLine("added", html, new=new)
        elif line[:1] == "-":
            yield DiffLine("removed", html, old=old)
        else:
            yield DiffLine("same", html, old=old, new=new)
        old += line[:1] != "+"
        new += line[:1] != "-"

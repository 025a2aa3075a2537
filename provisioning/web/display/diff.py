"""A change of files as lines to show: what was added, what was removed, and at which line of which file."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.safestring import SafeString

from provisioning.domain import NO_FILE, FileChange
from provisioning.web.display.code import colored_lines

# https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html; git adds the section behind it.
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
    """`note` says in words what no line shows."""

    path: str
    lines: tuple[DiffLine, ...]
    note: str = ""

    @property
    def added(self) -> int:
        return sum(line.kind == "added" for line in self.lines)

    @property
    def removed(self) -> int:
        return sum(line.kind == "removed" for line in self.lines)


def diff_files(changes: Iterable[FileChange]) -> tuple[DiffFile, ...]:
    """One for each change, also where no line tells of it: a mode, a move, a binary or an empty file."""
    return tuple(
        DiffFile(_visible(one.path), tuple(_lines(one.path, one.patch)), " ".join(_notes(one)))
        for one in changes
    )


def _visible(path: str) -> str:
    """A line break or a mark that turns the writing direction would show another name than it is."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)


def _notes(change: FileChange) -> Iterator[str]:
    if change.old_path:
        yield f"Moved from {_visible(change.old_path)}."
    if NO_FILE not in (change.old_mode, change.new_mode) and change.old_mode != change.new_mode:
        yield f"Mode changed from {change.old_mode} to {change.new_mode}."
    if change.binary:
        yield "Binary file."
    elif "\n@@ " not in f"\n{change.patch}" and NO_FILE in (change.old_mode, change.new_mode):
        yield "Empty file."
    if change.new_mode == NO_FILE:
        yield "Removed."


def _lines(path: str, part: str) -> Iterator[DiffLine]:
    for hunk in re.split(r"^(?=@@ -)", part, flags=re.MULTILINE)[1:]:
        head, *body = hunk.removesuffix("\n").split("\n")
        match = HUNK.match(head)
        if match:
            yield DiffLine("hunk", match[3] or "…")
            # git's "\ No newline at end of file" is no line of the file.
            yield from _hunk(
                path, [line for line in body if line[:1] in "+- "], int(match[1]), int(match[2])
            )


def _hunk(path: str, body: list[str], old: int, new: int) -> Iterator[DiffLine]:
    # Together, since a string or a comment may run over several lines.
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

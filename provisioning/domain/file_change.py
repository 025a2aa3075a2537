"""One file of a pull request, as its review page needs it."""

from dataclasses import dataclass

# As git writes it for a side that has no file.
NO_FILE = "000000"


@dataclass(frozen=True, slots=True)
class FileChange:
    """Modes are git's six digits, `NO_FILE` on the side that lacks the file; `old_path` is empty unless it was moved;
    `patch` is git's text after the line `diff --git`."""

    path: str
    old_path: str = ""
    old_mode: str = "100644"
    new_mode: str = "100644"
    binary: bool = False
    patch: str = ""

"""Which calls a key may make, by GitHub's own table (see the file's `source`)."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("github_permissions.json")
REPOSITORY = "/repos/{owner}/{repo}"
LEVELS = ("", "read", "write")


@cache
def rows() -> tuple[tuple[str, str, str, str], ...]:
    """(verb, path below the repository, permission, access)."""
    table: dict[str, Any] = json.loads(TABLE.read_text())
    return tuple(
        (
            row["verb"].upper(),
            row["requestPath"].removeprefix(REPOSITORY),
            row["permission"],
            row["access"],
        )
        for row in table["rows"]
    )


@cache
def template_of(method: str, path: str) -> str | None:
    """The row's path that fits best: a reference may have slashes, so /commits/{ref} fits where /commits/{ref}/status
    does."""
    fitting = {
        template for verb, template, *_ in rows() if verb == method and _fits(template, path)
    }
    return max(fitting, key=lambda template: len(re.sub(r"\{\w+\}", "", template)), default=None)


def _fits(template: str, path: str) -> bool:
    numbers = re.sub(r"\{\w+_number\}", r"\\d+", template)
    return re.fullmatch(re.sub(r"\{\w+\}", ".+", numbers), path) is not None


def refuses(granted: Mapping[str, str], method: str, path: str) -> bool:
    """True where no row of the table for this call is granted. A call without a row is not in the portal's
    documents: it is refused, too."""
    wanted = template_of(method, path)
    return not any(
        verb == method and template == wanted and _covers(granted.get(permission, ""), access)
        for verb, template, permission, access in rows()
    )


def _covers(granted: str, access: str) -> bool:
    return LEVELS.index(granted) >= LEVELS.index(access)

"""The tables of docs/api.md that are made of the code: `python -m tests.project.api_tables --write`."""

import re
import sys
from pathlib import Path

from provisioning.api.errors import every_kind

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/api.md"
# Of catalog authors and workers: no call is answered with them.
NEVER_ANSWERED = {"catalog_error", "lease_lost"}


def errors() -> str:
    """One row for each code: a narrower class that shares it says no more."""
    by_code = {kind.code: kind for kind in reversed(list(every_kind()))}
    lines = [
        "| `error_code` | status | later? | what it means | what to do |",
        "| --- | --- | --- | --- | --- |",
    ]
    for code in sorted(by_code.keys() - NEVER_ANSWERED):
        kind = by_code[code]
        later = "yes" if kind.retryable else "no"
        lines.append(
            f"| `{code}` | {kind.http_status} | {later} | {kind.title} | {kind.next_step} |"
        )
    return "\n".join(lines)


TABLES = {"errors": errors}


def section(name: str) -> str:
    return f"<!-- {name} -->\n{TABLES[name]()}\n<!-- end of {name} -->"


def renewed(document: str) -> str:
    return re.sub(r"<!-- (\w+) -->.*?<!-- end of \1 -->", _section, document, flags=re.S)


def _section(found: re.Match[str]) -> str:
    return section(found[1])


def main() -> int:
    if "--write" in sys.argv:
        DOCUMENT.write_text(renewed(DOCUMENT.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

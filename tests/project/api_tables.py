"""The tables of docs/api.md that are made of the code: `python -m tests.project.api_tables --write`."""

import json
import re
import sys
from pathlib import Path
from typing import Any

from ninja.responses import NinjaJSONEncoder

from provisioning.api.errors import CallError, every_kind

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/api.md"
# Of catalog authors and workers: no call is answered with them.
NEVER_ANSWERED = {"catalog_error", "lease_lost"}


def errors() -> str:
    """One row for each code: a narrower class that shares it says no more."""
    by_code = {kind.code: kind for kind in reversed(list(every_kind()))}
    # But a call that fails is answered otherwise than a request that does.
    by_code |= {kind.code: kind for kind in every_kind(CallError)}
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


def operations() -> str:
    """Each with what it may be answered with."""
    lines = ["| call | what it does | answers |", "| --- | --- | --- |"]
    for path, methods in described()["paths"].items():
        for method, about in methods.items():
            statuses = ", ".join(str(status) for status in sorted(about["responses"]))
            lines.append(f"| `{method.upper()} {path}` | {about['summary']} | {statuses} |")
    return "\n".join(lines)


def fields() -> str:
    """A table for each type; what a field's own type is called stands in its row."""
    parts = []
    for name, about in sorted(described()["components"]["schemas"].items()):
        if "properties" not in about:
            continue
        lines = [f"### {name}", "", "| field | type | what it is |", "| --- | --- | --- |"]
        for field, facts in about["properties"].items():
            lines.append(f"| `{field}` | {_type(facts)} | {facts.get('description', '')} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def described() -> dict[str, Any]:
    from provisioning.api.root import api

    whole: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), cls=NinjaJSONEncoder))
    return whole


def _type(facts: dict[str, Any]) -> str:
    """In a word or two, as JSON has it."""
    if "$ref" in facts:
        return f"[{_named(facts)}](#{_named(facts).lower()})"
    if "anyOf" in facts:
        return " or ".join(_type(one) for one in facts["anyOf"])
    if facts.get("type") == "array":
        return f"list of {_type(facts.get('items', {}))}"
    return str(facts.get("type", "any"))


def _named(facts: dict[str, Any]) -> str:
    return str(facts["$ref"]).rpartition("/")[2]


TABLES = {"errors": errors, "operations": operations, "fields": fields}


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

"""Values as Terraform writes them beside their parameter: `allocated_storage_gb = 200`, `purpose = "it's orders"`.

It is the one form in which every value of every parameter can be written, and in which nothing of
it can mean anything else.
"""

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from provisioning.domain import ParameterValue

# A text holds no quote of its own kind and ends somewhere: no text costs more than its length.
_TEXT = r"\"[^\"]{0,2000}\"|'[^']{0,2000}'"
# As JSON writes them, in ASCII: "007" and digits of other scripts could not be read below.
_NUMBER = r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?"
_LIST = rf"\[(?:(?:{_TEXT})(?:, (?:{_TEXT})){{0,40}})?\]"
_ASSIGNMENT = re.compile(
    r"(?<![\w.\[\]-])(?P<path>[a-z][a-z0-9_]{0,62}(?:\[[0-9]{1,2}\])?(?:\.[a-z][a-z0-9_]{0,62})?)"
    rf" = (?P<value>{_TEXT}|{_LIST}|true|false|{_NUMBER})(?![\w.]*\w)"
)
_ITEM = re.compile(_TEXT)


class Assignment(NamedTuple):
    path: str
    value: ParameterValue
    start: int
    end: int

    @property
    def sign(self) -> int:
        return self.start + len(self.path) + 1


def assignments(text: str) -> Iterator[Assignment]:
    """All that have the form, be their path a parameter or not."""
    for match in _ASSIGNMENT.finditer(text):
        yield Assignment(match["path"], _value(match["value"]), match.start(), match.end())


def assigned(path: str, value: ParameterValue) -> str:
    """The value beside its parameter; "" where a text holds quotes of both kinds."""
    written = _written(value)
    return f"{path} = {written}" if written else ""


def _written(value: ParameterValue) -> str:
    if isinstance(value, tuple):
        items = [_quoted(item) for item in value]
        return f"[{', '.join(items)}]" if all(items) else ""
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


# No escapes: what is read is what stands there, so nothing can be hidden behind a backslash.
def _quoted(text: str) -> str:
    quotes = (quote for quote in "\"'" if quote not in text)
    quote = next(quotes, "")
    return f"{quote}{text}{quote}" if quote else ""


def _value(written: str) -> ParameterValue:
    if written[0] in "\"'":
        return written[1:-1]
    if written[0] == "[":
        return tuple(item[1:-1] for item in _ITEM.findall(written))
    return json.loads(written)  # type: ignore[no-any-return]

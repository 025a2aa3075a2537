"""The rules of checkov that a type does not follow, written where a team's own scan of the repository reads them."""

import re
from collections.abc import Iterator, Sequence

from provisioning.catalog.format import OptOut

_RESOURCE = re.compile(r'^resource "(\w+)" "(\w+)" \{$')


def with_comments(text: str, opt_outs: Sequence[OptOut], environment: str) -> str:
    """Each resource that an opt-out names begins with the comment that checkov takes for it
    (https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html)."""
    # Only where it holds: a comment in production for a rule that production keeps would hide a later slip.
    held = [one for one in opt_outs if not one.environments or environment in one.environments]
    return "\n".join(_commented(text.split("\n"), held))


def without_comments(text: str) -> str:
    """What checkov would say to the code itself."""
    return re.sub(r"^  # checkov:skip=.*\n", "", text, flags=re.MULTILINE)


def _commented(lines: Sequence[str], opt_outs: Sequence[OptOut]) -> Iterator[str]:
    for line in lines:
        yield line
        if resource := _RESOURCE.match(line):
            address = f"{resource[1]}.{resource[2]}"
            for one in opt_outs:
                if address in one.resources:
                    yield f"  # checkov:skip={one.rule}: {one.reason}"

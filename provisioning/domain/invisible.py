"""The one list of characters that a reader does not see, or takes for something else.

By general category: https://www.unicode.org/reports/tr44/#General_Category_Values. What a place does with them (refuse, drop,
show as �) is its own business; which ones they are is decided here.
"""

import unicodedata

_KINDS = {
    "Cc": "control",
    "Cf": "invisible",
    "Cs": "half",
    "Co": "private",
    "Cn": "unassigned",
    "Zl": "line",  # U+2028 ends a line for some readers and for others not
    "Zp": "line",  # U+2029 likewise
}


def hidden_kind(character: str) -> str:
    """A word for the kind of hidden character that it is; "" for one that a reader sees. Line feed and tab are "control"."""
    return _KINDS.get(unicodedata.category(character), "")

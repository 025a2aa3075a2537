"""Where one value of a resource stands: "engine", or "node_groups[0].min_size" inside of a list."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

# Two digits are enough for every list of the catalog (`max_items`) and keep "[999999999]" from filling a list.
_PATH = re.compile(
    r"(?P<parameter>[a-z][a-z0-9_]*)(?:\[(?P<index>\d{0,2})\]\.(?P<field>[a-z][a-z0-9_]*))?"
)


class ParameterPath(NamedTuple):
    """`field` is empty for a parameter that is no list of tables. With a field, `item` is the item's
    place in the list, or None for any item: "node_groups[].min_size"."""

    parameter: str
    item: int | None = None
    field: str = ""

    def __str__(self) -> str:
        if not self.field:
            return self.parameter
        place = "" if self.item is None else str(self.item)
        return f"{self.parameter}[{place}].{self.field}"

    @property
    def of_any_item(self) -> bool:
        return bool(self.field) and self.item is None

    def at(self, item: int | None) -> "ParameterPath":
        """The same in another item; a parameter that is no list of tables stays what it is."""
        return self._replace(item=item) if self.field else self

    def same_item(self, other: "ParameterPath") -> bool:
        """Whether both are fields of one and the same item."""
        in_item = bool(self.field) and bool(other.field)
        return in_item and (self.parameter, self.item) == (other.parameter, other.item)


# A request has some fifty paths and the rules look at each again and again.
@lru_cache(maxsize=8_192)
def parse_path(text: str) -> ParameterPath | None:
    """None for what is no path. It may come from a form or a model, so it names nothing until a type knows it."""
    match = _PATH.fullmatch(text)
    if match is None:
        return None
    index = int(match["index"]) if match["index"] else None
    return ParameterPath(match["parameter"], index, match["field"] or "")


def general(text: str) -> str:
    """ "node_groups[0].min_size" → "node_groups[].min_size"; what is no path stays as it is."""
    path = parse_path(text)
    return text if path is None else str(path.at(None))


def first_item(text: str) -> str:
    """ "node_groups[].min_size" → "node_groups[0].min_size": a place where any item's value can be tried."""
    path = parse_path(text)
    return str(path.at(0)) if path and path.of_any_item else text


def item_count(parameter: str, texts: Iterable[str]) -> int:
    """How many items a list must have for all of these paths to have their place."""
    count = 0
    for text in texts:
        path = parse_path(text)
        if path and path.parameter == parameter and path.item is not None:
            count = max(count, path.item + 1)
    return count

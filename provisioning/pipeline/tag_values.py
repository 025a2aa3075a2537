"""What AWS takes as the value of a tag: letters, digits and spaces of any script and `+ - = . _ : / @`, up to 256, and nothing
that begins with `aws:` (https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html)."""

import unicodedata

from provisioning.catalog import Catalog
from provisioning.errors import InvalidInputError

SIGNS = "+-=._:/@"
LONGEST = 256
RESERVED = "aws:"
SOURCES = ("requester", "team", "service")


def refuse_tag_values(catalog: Catalog, fields: dict[str, str]) -> None:
    """Raises `InvalidInputError` for a field that becomes a tag: AWS would refuse it only when the merged change is applied."""
    for name, tag in catalog.platform.tags.items():
        if tag.source in SOURCES:
            _refuse(name, tag.source, fields[tag.source])


def _refuse(tag: str, field: str, value: str) -> None:
    signs = " ".join(dict.fromkeys(sign for sign in value if not _is_allowed(sign)))
    if signs:
        raise InvalidInputError(
            field,
            f"{field} becomes the tag {tag}, in which AWS does not take {signs}. "
            f"Use letters, digits, spaces and {' '.join(SIGNS)}.",
        )
    if value.lower().startswith(RESERVED) or len(value) > LONGEST:
        raise InvalidInputError(
            field,
            f"{field} becomes the tag {tag}, which may have {LONGEST} characters and not begin with {RESERVED}.",
        )


def _is_allowed(sign: str) -> bool:
    """Letters with their marks, numbers, spaces (the classes L, M, N and Zs of Unicode)."""
    return sign in SIGNS or unicodedata.category(sign)[0] in "LMN" or sign == " "

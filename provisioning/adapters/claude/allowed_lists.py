"""Long lists of allowed values in a few words, for the prompt: "postgres: 18, 17, 16; mysql: 8.4, 8.0"."""

from collections.abc import Iterator, Sequence

from provisioning.catalog import Catalog
from provisioning.catalog.defaults import default_region
from provisioning.catalog.format import FieldSpec

# The prompt is paid for by the word; older versions are named as such.
MOST_VERSIONS = 8
MOST_WORDS = 1_500  # characters; what is cut off is said to be


def listed(catalog: Catalog, field: FieldSpec) -> str:
    """What exists, per value of the parameter that it depends on. A list that differs by region is
    that of the default region, for regions differ little."""
    region = str(default_region(catalog))
    parts = []
    for one in catalog.allowed_lists(field.allowed):
        when = dict(one.when)
        if when.pop("region", region) != region:
            continue
        words = _cut(_words(one.values))
        parts.append(": ".join([*when.values(), words]))
    return _cut("; ".join(parts))


def _words(values: object) -> str:
    texts = [str(value) for value in values] if isinstance(values, Sequence) else []
    sized = [parted for parted in map(_size, texts) if parted]
    # A list of instance types has a few other names between ("serverless"); half of them makes it one.
    if len(sized) > MOST_VERSIONS and len(sized) >= len(texts) / 2:
        return "; ".join(_families(sized))
    more = " and older" if len(texts) > MOST_VERSIONS else ""
    return ", ".join(texts[:MOST_VERSIONS]) + more


def _families(values: Sequence[tuple[str, str]]) -> Iterator[str]:
    """ "db.m7g, db.r7g: large, xlarge" instead of each of them."""
    sizes: dict[str, list[str]] = {}
    for family, size in values:
        sizes.setdefault(family, []).append(size)
    families: dict[tuple[str, ...], list[str]] = {}
    for family, each in sizes.items():
        families.setdefault(tuple(each), []).append(family)
    for offered, names in families.items():
        yield f"{', '.join(names)}: {', '.join(offered)}"


def _size(value: str) -> tuple[str, str] | None:
    """ "db.m7g.large" is ("db.m7g.*", "large"); where the size stands differs from service to service."""
    parts = value.split(".")
    for index, part in enumerate(parts[1:], start=1):
        if part.endswith(("large", "medium", "small", "micro", "nano", "metal")):
            return ".".join([*parts[:index], "*", *parts[index + 1 :]]), part
    return None


def _cut(words: str) -> str:
    return words if len(words) <= MOST_WORDS else words[:MOST_WORDS].rpartition(";")[0] + "; others"

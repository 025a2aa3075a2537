"""How one value may be written, the most natural way first; which of them is used, reading it back decides."""

from collections.abc import Iterator

from provisioning.catalog.format import FieldSpec
from provisioning.catalog.values import figure
from provisioning.domain import ParameterValue

MOST_NAMES, MOST_SPELLINGS = 6, 4


def phrases(field: FieldSpec, value: ParameterValue) -> Iterator[str]:
    """English comes first among a catalog's words for something, so the first ones are tried."""
    names = [field.title.lower(), *field.synonyms[:MOST_NAMES]]
    spelled = field.values.get(_written(value), [])[:MOST_SPELLINGS]
    if isinstance(value, bool):
        yield from _boolean(names, value, spelled)
    elif isinstance(value, int | float):
        yield from spelled
        yield from _number(names, value, field.unit)
    elif field.enum:
        yield from [*spelled, str(value)]
        yield from _named(names, str(value))
    else:
        yield from _named(names, _written(value))


def _written(value: ParameterValue) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return " and ".join(value) if isinstance(value, tuple) else str(value)


def _boolean(names: list[str], value: bool, spelled: list[str]) -> Iterator[str]:
    yield from spelled
    for name in names:
        yield f"{name}: {'yes' if value else 'no'}"
        yield name if value else f"no {name}"


def _number(names: list[str], value: float, unit: str) -> Iterator[str]:
    amount = f"{figure(value)} {unit}".strip()
    if unit == "percent":
        amount = f"{figure(value)} %"
    for name in names:
        yield f"{name} {amount}"
        yield f"{name}: {amount}"
        yield f"{amount} {name}"


def _named(names: list[str], words: str) -> Iterator[str]:
    for name in names:
        yield f"{name} {words}"
        yield f"{name}: {words}"

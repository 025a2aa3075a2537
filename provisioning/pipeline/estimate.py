"""The headline of the costs: a sum only where nothing of weight is missing from it, and what is missing by its name."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provisioning.catalog import Catalog
from provisioning.domain import Resource
from provisioning.pipeline.cost import Cost, costs

CENTS_BELOW = 10.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """`sentence` is for people and complete. `usd` and `most` are None where there is no sum; `source` names the prices."""

    sentence: str
    usd: float | None
    most: float | None
    items: tuple[Cost, ...]
    source: str


def estimate(catalog: Catalog, resources: Sequence[Resource]) -> Estimate | None:
    """None where the catalog keeps no prices."""
    if catalog.prices is None:
        return None
    found = costs(catalog, resources)
    known = [one for one in found if one.usd is not None]
    headline, summed = _headline(found, known)
    sentences = [headline, *_unpriced(catalog, resources), *_by_use(catalog, resources)]
    sentences += _free(catalog, resources)
    usd, most = _sums(known) if summed else (None, None)
    return Estimate(" ".join(filter(None, sentences)), usd, most, tuple(found), _source(catalog))


def _headline(found: Sequence[Cost], known: Sequence[Cost]) -> tuple[str, bool]:
    """Also whether there is a sum."""
    if not found:
        return "", False
    missing = [one for one in found if one.usd is None]
    if not known or any(one.main for one in missing):
        return _without_sum(missing, known), False
    without = f", without {_named(missing)}, of which no price is known" if missing else ""
    return f"Estimate: {_range(*_sums(known))} a month{without}, usage on top.", True


def _without_sum(missing: Sequence[Cost], known: Sequence[Cost]) -> str:
    headline = f"Estimate: no sum, because there is no price of {_named(missing)}."
    parts = [f"{_name(one)} {_range(*_sums([one]))}" for one in known]
    return f"{headline} Known a month: {'; '.join(parts)}." if parts else headline


def _named(many: Sequence[Cost]) -> str:
    return "; ".join(map(_name, many))


def _name(one: Cost) -> str:
    return f"{one.what} ({one.resource})"


def _sums(known: Sequence[Cost]) -> tuple[float, float]:
    """To begin with, and at most."""
    return sum(one.usd or 0.0 for one in known), sum(one.most or 0.0 for one in known)


def _range(least: float, most: float) -> str:
    low, high = _rounded(least), _rounded(most)
    return f"about ${low}" if low == high else f"about ${low} to ${high}"


def _rounded(usd: float) -> str:
    """Cents count where there are few dollars."""
    return f"{usd:,.2f}" if usd < CENTS_BELOW else f"{usd:,.0f}"


def _by_use(catalog: Catalog, resources: Sequence[Resource]) -> Iterator[str]:
    usage = catalog.prices.usage if catalog.prices else {}
    for name in dict.fromkeys(one.type for one in resources):
        if name in usage:
            yield f"{_title(catalog, name)}: charged by use ({usage[name]})."


def _unpriced(catalog: Catalog, resources: Sequence[Resource]) -> Iterator[str]:
    """A type that the prices say nothing of, as a company's own may be."""
    prices = catalog.prices
    for name in dict.fromkeys(one.type for one in resources):
        if prices and not (name in prices.types or name in prices.usage or name in prices.free):
            yield f"{_title(catalog, name)}: no price is known."


def _title(catalog: Catalog, name: str) -> str:
    """Of a type that the catalog had when the request was made, its name is what is left."""
    kind = catalog.types.get(name)
    return kind.file.title if kind else name


def _free(catalog: Catalog, resources: Sequence[Resource]) -> Iterator[str]:
    free = catalog.prices.free if catalog.prices else []
    for name in dict.fromkeys(one.type for one in resources):
        if name in free:
            yield f"{_title(catalog, name)}: free of charge."


def _source(catalog: Catalog) -> str:
    prices, imported = catalog.prices, catalog.imported_prices
    if prices is None:
        return ""
    own = f"Prices of {prices.date} in {prices.region}, from {prices.source}."
    return f"{own} Others of {imported.date}, from {imported.source}." if imported else own

"""What a request costs per month at least, as far as the catalog's prices know. An estimate, and always called one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioning.catalog import Catalog
from provisioning.catalog.paths import parse_path
from provisioning.catalog.prices import Charge, PricesFile
from provisioning.domain import ParameterValue, Resource

Values = Mapping[str, ParameterValue]


@dataclass(frozen=True, slots=True)
class Cost:
    """`usd` is per month to begin with, `most` what it may grow to; None where the price is not known."""

    resource: str
    what: str
    usd: float | None
    most: float | None
    main: bool = False


def costs(catalog: Catalog, resources: Sequence[Resource]) -> list[Cost]:
    """In their order. What has no price in its region is there, too, without one."""
    if catalog.prices is None:
        return []
    found: list[Cost] = []
    for resource in resources:
        found += _of_resource(catalog, catalog.prices, resource)
    return found


def _of_resource(catalog: Catalog, prices: PricesFile, resource: Resource) -> Iterator[Cost]:
    for charge in prices.types.get(resource.type, ()):
        for said in _items(charge, resource):
            values = _with_fallbacks(charge, said)
            # What begins with nothing and may grow is charged; what there is none of is not.
            grown = _grown(charge, values)
            if all(grown.get(name) for name in charge.times) and _holds(charge.when, values):
                yield _cost(catalog, prices, resource, charge, values)


def _cost(
    catalog: Catalog, prices: PricesFile, resource: Resource, charge: Charge, values: Values
) -> Cost:
    price = _price(catalog, prices, _region(resource), charge, values)
    what = f"{charge.what} {values.get(charge.by)}" if charge.by else charge.what
    if price is None:
        return Cost(resource.name, what, None, None, charge.main)
    hours = prices.hours_per_month if charge.per == "hour" else 1
    least = price * hours * charge.factor * _number(charge, values)
    # A bound that is missing or too small must not put the most below the least.
    most = max(least, price * hours * charge.factor * _number(charge, _grown(charge, values)))
    return Cost(resource.name, what, least, most, charge.main)


def _region(resource: Resource) -> str:
    region = resource.parameters.get("region")
    return str(region.value) if region else ""


def _price(
    catalog: Catalog, prices: PricesFile, region: str, charge: Charge, values: Values
) -> float | None:
    """An imported price is newer and of the region itself."""
    imported = catalog.imported_prices.regions.get(region, {}) if catalog.imported_prices else {}
    name = re.sub(r"\{(\w+)\}", lambda match: str(values.get(match[1])), charge.price)
    if name in imported:
        return imported[name]
    # The catalog's own prices are of one region: for another they would be a guess.
    if region != prices.region:
        return None
    if isinstance(charge.usd, dict):
        return charge.usd.get(str(values.get(charge.by)))
    return charge.usd


def _items(charge: Charge, resource: Resource) -> list[Values]:
    plain = {path: value.value for path, value in resource.parameters.items()}
    if not charge.each:
        return [plain]
    items: dict[int, dict[str, ParameterValue]] = {}
    for text, value in plain.items():
        path = parse_path(text)
        if path and path.parameter == charge.each and path.item is not None:
            items.setdefault(path.item, {})[path.field] = value
    return list(items.values())


def _holds(conditions: Mapping[str, object], values: Values) -> bool:
    return all(values.get(name) == wanted for name, wanted in conditions.items())


def _with_fallbacks(charge: Charge, values: Values) -> Values:
    missing = {name: other for name, other in charge.instead.items() if values.get(name) is None}
    return {**values, **{name: values.get(other) for name, other in missing.items()}}


def _grown(charge: Charge, values: Values) -> Values:
    return {**values, charge.times[0]: values.get(charge.up_to)} if charge.up_to else values


def _number(charge: Charge, values: Values) -> float:
    number = 2.0 if charge.doubled_when and _holds(charge.doubled_when, values) else 1.0
    for name in charge.times:
        value = values.get(name)
        if isinstance(value, int | float):
            number *= max(float(value), charge.minimum.get(name, 0.0))
    return number

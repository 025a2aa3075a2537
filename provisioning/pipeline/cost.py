"""What a request costs per month at least, as far as the catalog's prices know. An estimate, and always called one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provisioning.catalog import Catalog
from provisioning.catalog.paths import parse_path
from provisioning.catalog.prices import Charge, PricesFile
from provisioning.domain import ParameterValue, Resource

Values = Mapping[str, ParameterValue]


@dataclass(frozen=True, slots=True)
class Cost:
    """`usd` is per month; None where the price is not in the catalog."""

    resource: str
    what: str
    usd: float | None


def costs(catalog: Catalog, resources: Sequence[Resource]) -> list[Cost]:
    """Of the resources in the prices' region; empty where nothing is known."""
    prices = catalog.prices
    if prices is None:
        return []
    found = []
    for one in resources:
        # A price of another region would be a guess.
        if _region(one) != prices.region:
            continue
        for charge in prices.types.get(one.type, ()):
            for values in _items(charge, one):
                if _is_charged(charge, values):
                    found.append(
                        Cost(one.name, _what(charge, values), _usd(prices, charge, values))
                    )
    return found


def _is_charged(charge: Charge, values: Values) -> bool:
    """Not where one of the numbers that it is times of is nothing."""
    return _all_are(charge.when, values) and all(values.get(name) for name in charge.times)


def _region(resource: Resource) -> ParameterValue:
    return resource.parameters["region"].value if "region" in resource.parameters else None


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


def _all_are(conditions: Mapping[str, object], values: Values) -> bool:
    return all(values.get(name) == wanted for name, wanted in conditions.items())


def _what(charge: Charge, values: Values) -> str:
    return f"{charge.what} {values.get(charge.by)}" if charge.by else charge.what


def _usd(prices: PricesFile, charge: Charge, values: Values) -> float | None:
    price = charge.usd
    if isinstance(price, dict):
        choice = str(values.get(charge.by))
        if choice not in price:
            return None
        price = price[choice]
    usd = price * prices.hours_per_month if charge.per == "hour" else price
    if charge.doubled_when and _all_are(charge.doubled_when, values):
        usd *= 2  # a standby costs as much as what it stands by
    for name in charge.times:
        number = values[name]
        if isinstance(number, int | float):
            usd *= number
    return usd

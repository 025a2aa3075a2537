"""AWS's price lists → `prices.json`: the prices that the catalog asks for, dated, in each region that a file is of.

Format: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from provisioning.catalog.format import Table, Word
from provisioning.catalog.prices import ImportedPrices
from provisioning.errors import CatalogError

FILE, OFFERS = "prices.json", "price_lists.toml"
OLDEST = timedelta(days=90)
SOURCE = "AWS's price lists: on demand, without tax and discounts"


class ListedPrice(Table):
    """`match` maps attributes of a product to what they may be, `words` their values to the catalog's."""

    offer: Word
    name: Word
    unit: Word
    match: dict[str, list[Word]]
    words: dict[str, str] = Field({})


class PriceLists(Table):
    price: list[ListedPrice]


def offers(file: Path) -> list[ListedPrice]:
    try:
        return PriceLists.model_validate(tomllib.loads(file.read_text(encoding="utf-8"))).price
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise CatalogError(f"{file}: {error}") from error


def imported(folder: Path, listed: Sequence[ListedPrice], today: date) -> ImportedPrices:
    """Raises `CatalogError` for a file of another format, one that is older than 90 days, and a folder without any price that is
    asked for."""
    regions: dict[str, dict[str, float]] = {}
    dates: list[date] = []
    # Sorted, so that the same mistake is reported first on every machine.
    for file in sorted(folder.glob("*.json")):
        content = _read(file)
        dates.append(_published(file, content, today))
        for region, name, usd in _found(file, content, listed):
            if regions.setdefault(region, {}).setdefault(name, usd) != usd:
                reason = f"{name} in {region} has two prices, {regions[region][name]} and {usd}"
                raise CatalogError(f"{file}: {reason}; price_lists.toml must say which.")
    if not regions:
        raise CatalogError(f"{folder}: no price list (JSON) with a price that {OFFERS} asks for.")
    # The oldest date: no price may look newer than it is.
    return ImportedPrices(source=SOURCE, date=min(dates).isoformat(), regions=regions)


def written(content: ImportedPrices) -> str:
    # Sorted, so that the diff of a new import shows prices and not their order.
    return json.dumps(content.model_dump(), indent=1, sort_keys=True) + "\n"


def _read(file: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        products, terms = content["products"], content["terms"]["OnDemand"]
        known = isinstance(products, dict) and isinstance(terms, dict)
    except (ValueError, KeyError, TypeError):
        known = False
    if not known or "offerCode" not in content or "publicationDate" not in content:
        raise CatalogError(
            f"{file}: not a price list of AWS: offerCode, publicationDate, products and terms.OnDemand are expected."
        )
    return dict(content)


def _published(file: Path, content: Mapping[str, Any], today: date) -> date:
    try:
        published = date.fromisoformat(str(content["publicationDate"])[:10])
    except ValueError as error:
        raise CatalogError(f"{file}: publicationDate is no date.") from error
    if today - published > OLDEST:
        raise CatalogError(
            f"{file}: published on {published}, more than {OLDEST.days} days ago. Fetch the current list."
        )
    return published


def _found(
    file: Path, content: Mapping[str, Any], listed: Sequence[ListedPrice]
) -> Iterator[tuple[str, str, float]]:
    wanted = [one for one in listed if one.offer == content["offerCode"]]
    for sku, product in content["products"].items():
        attributes = {
            **product.get("attributes", {}),
            "productFamily": product.get("productFamily", ""),
        }
        for one in wanted:
            if all(attributes.get(name) in values for name, values in one.match.items()):
                usd = _on_demand(content["terms"]["OnDemand"].get(sku, {}), one.unit)
                if usd and attributes.get("regionCode"):
                    yield attributes["regionCode"], _name(one, attributes), usd


def _name(one: ListedPrice, attributes: Mapping[str, str]) -> str:
    def said(match: re.Match[str]) -> str:
        value = attributes.get(match[1], "")
        return one.words.get(value, value)

    return re.sub(r"\{(\w+)\}", said, one.name)


def _on_demand(terms: Mapping[str, Any], unit: str) -> float:
    """The first of several tiers is what one begins with; 0 where there is none in that unit."""
    for term in terms.values():
        for dimension in term.get("priceDimensions", {}).values():
            if dimension.get("unit") == unit and dimension.get("beginRange", "0") == "0":
                return float(dimension.get("pricePerUnit", {}).get("USD", 0))
    return 0.0

"""AWS's price lists, in their own format, become dated unit prices; anything else is refused in words."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from provisioning.catalog import BUILT_IN, load_catalog
from provisioning.certify import price_lists
from provisioning.errors import CatalogError

TODAY = date(2026, 11, 28)
LISTED = price_lists.offers(BUILT_IN / "_common/price_lists.toml")
SKU, OTHER, RESERVED = "2D4NMRVQZB8JYKHG", "QG4UK2CYFQHBGAQN", "ZZZ4UK2CYFQHBZZZ"


def product(sku: str, **attributes: str) -> dict[str, Any]:
    return {
        "sku": sku,
        "productFamily": "Database Instance",
        "attributes": {
            "servicecode": "AmazonRDS",
            "location": "EU (Ireland)",
            "locationType": "AWS Region",
            "instanceType": "db.m7g.large",
            "currentGeneration": "Yes",
            "databaseEngine": "PostgreSQL",
            "licenseModel": "No license required",
            "deploymentOption": "Single-AZ",
            "usagetype": "EU-InstanceUsage:db.m7g.large",
            "operation": "CreateDBInstance:0014",
            "regionCode": "eu-west-1",
            **attributes,
        },
    }


def term(sku: str, usd: str, unit: str = "Hrs") -> dict[str, Any]:
    code = f"{sku}.JRTCKXETXF"
    dimension = {
        "rateCode": f"{code}.6YS6EN2CT7",
        "description": f"$ {usd} per RDS db.m7g.large Single-AZ instance hour (or partial hour)",
        "beginRange": "0",
        "endRange": "Inf",
        "unit": unit,
        "pricePerUnit": {"USD": usd},
        "appliesTo": [],
    }
    return {
        code: {
            "offerTermCode": "JRTCKXETXF",
            "sku": sku,
            "effectiveDate": "2026-11-01T00:00:00Z",
            "priceDimensions": {dimension["rateCode"]: dimension},
            "termAttributes": {},
        }
    }


def offer() -> dict[str, Any]:
    """As https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonRDS/current/<region>/index.json is laid out."""
    return {
        "formatVersion": "v1.0",
        "disclaimer": "This pricing list is for informational purposes only.",
        "offerCode": "AmazonRDS",
        "version": "20261120181722",
        "publicationDate": "2026-11-20T18:17:22Z",
        "products": {
            SKU: product(SKU),
            OTHER: product(OTHER, deploymentOption="Multi-AZ"),
            RESERVED: product(RESERVED, databaseEngine="Oracle"),
        },
        "terms": {
            "OnDemand": {
                SKU: term(SKU, "0.1850000000"),
                OTHER: term(OTHER, "0.3700000000"),
                RESERVED: term(RESERVED, "0.9000000000"),
            },
            "Reserved": {SKU: {}},
        },
        "attributesList": {},
    }


def a_list(folder: Path, change: Callable[[dict[str, Any]], object] = lambda content: None) -> Path:
    content = offer()
    change(content)
    (folder / "AmazonRDS-eu-west-1.json").write_text(json.dumps(content))
    return folder


def test_what_the_catalog_asks_for_is_taken_with_its_region_and_date(tmp_path: Path) -> None:
    found = price_lists.imported(a_list(tmp_path), LISTED, TODAY)

    assert found.regions == {"eu-west-1": {"rds.postgres.db.m7g.large": 0.185}}
    assert found.date == "2026-11-20"
    assert "on demand" in found.source


def _older(content: dict[str, Any]) -> None:
    content["publicationDate"] = "2026-08-01T00:00:00Z"


def _twice(content: dict[str, Any]) -> None:
    content["products"]["TWICE"] = product("TWICE")
    content["terms"]["OnDemand"]["TWICE"] = term("TWICE", "0.5")


def _another_service(content: dict[str, Any]) -> None:
    content["offerCode"] = "AmazonPolly"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_older, "published on 2026-08-01, more than 90 days ago"),
        (_twice, "rds.postgres.db.m7g.large in eu-west-1 has two prices, 0.185 and 0.5"),
        (_another_service, "no price list (JSON) with a price that price_lists.toml asks for"),
        (lambda content: content.pop("terms"), "not a price list of AWS"),
        (lambda content: content.update(publicationDate="soon"), "publicationDate is no date"),
        (lambda content: content.update(products=[]), "not a price list of AWS"),
    ],
)
def test_what_is_no_current_price_list_is_refused_in_words(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], said: str
) -> None:
    with pytest.raises(CatalogError) as refused:
        price_lists.imported(a_list(tmp_path, change), LISTED, TODAY)

    assert said in refused.value.message


def test_a_file_that_is_not_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "prices.json").write_text("sku,price\n")

    with pytest.raises(CatalogError, match=r"prices\.json: not a price list of AWS"):
        price_lists.imported(tmp_path, LISTED, TODAY)


def test_the_command_writes_a_file_that_the_catalog_reads(
    tmp_path: Path, portal: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    lists, own = tmp_path / "lists", tmp_path / "own"
    lists.mkdir()
    own.mkdir()
    published = f"{date.today().isoformat()}T00:00:00Z"
    a_list(lists, lambda content: content.update(publicationDate=published))
    portal(catalog_paths=(BUILT_IN, own))

    call_command("catalog", "prices", "--from", str(lists))

    assert "1 prices of" in capsys.readouterr().out
    imported = load_catalog((BUILT_IN, own)).imported_prices
    assert imported
    assert imported.regions["eu-west-1"] == {"rds.postgres.db.m7g.large": 0.185}

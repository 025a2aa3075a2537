"""The estimate: what is not known stands in it by its name, and a sum only where nothing of weight is missing."""

import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provisioning.catalog import BUILT_IN, Catalog, load_catalog
from provisioning.catalog.prices import ImportedPrices
from provisioning.certify.variants import example_resource
from provisioning.domain import Origin, ParameterValue, Resource, Value
from provisioning.errors import CatalogError
from provisioning.pipeline.cost import costs
from provisioning.pipeline.estimate import Estimate, estimate
from tests.pipeline.test_publish import REQUEST_ID, a_publication, body_for
from tests.support.built_in import CATALOG

DEFAULT = Origin("default", "")
CASES = tomllib.loads(Path(__file__).with_name("cost_cases.toml").read_text())["case"]


def a_resource(type_: str, **parameters: ParameterValue) -> Resource:
    given: dict[str, ParameterValue] = {"region": "us-east-1", **parameters}
    values = {path: Value(value, DEFAULT) for path, value in given.items()}
    application, environment = Value("payments", DEFAULT), Value("prod", DEFAULT)
    return Resource(type_, application, "payments", "prod-payments", environment, values, {})


def estimated(*resources: Resource, catalog: Catalog = CATALOG) -> Estimate:
    found = estimate(catalog, resources)
    assert found
    return found


DATABASE = a_resource(
    "rds",
    engine="mysql",
    instance_type="db.t4g.small",
    multi_az=True,
    allocated_storage_gb=100,
    max_storage_gb=100,
    storage_type="gp3",
    read_replicas=0,
)
UNKNOWN = replace(
    DATABASE,
    parameters={**DATABASE.parameters, "instance_type": Value("db.r6g.large", DEFAULT)},
)


def test_there_are_sixty_cases() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_a_sum_is_what_a_person_computes(case: list[Any]) -> None:
    name, parameters, usd, most = case
    found = estimated(a_resource(name, **parameters))

    if usd == "none":
        assert (found.usd, found.most) == (None, None)
        assert "no sum" in found.sentence
    else:
        assert found.usd == pytest.approx(usd, rel=0.01)
        assert found.most == pytest.approx(most, rel=0.01)


@pytest.mark.parametrize("name", sorted(CATALOG.types))
@pytest.mark.parametrize("environment", CATALOG.environments)
def test_every_type_is_priced_or_said_to_be_free_or_charged_by_use(
    name: str, environment: str
) -> None:
    resource = example_resource(CATALOG, CATALOG.types[name], environment, {})

    assert estimated(resource).sentence


@pytest.mark.parametrize("type_", sorted(CATALOG.prices.types if CATALOG.prices else ()))
def test_whatever_is_charged_is_charged_in_each_case_or_said_to_be_unknown(type_: str) -> None:
    """A price that holds for one choice only must not vanish with another."""
    assert CATALOG.prices
    for charge in CATALOG.prices.types[type_]:
        for name in charge.when if charge.by else ():
            path = f"{charge.each}[].{name}" if charge.each else name
            field = dict(CATALOG.types[type_].fields())[path]
            others = CATALOG.prices.types[type_]
            covered = {other.when[name] for other in others if name in other.when}
            assert covered == set(field.enum or (True, False))


def test_in_another_region_no_price_is_taken_from_this_one() -> None:
    elsewhere = a_resource("kms", region="eu-west-1")

    assert [one.usd for one in costs(CATALOG, [elsewhere])] == [None]
    assert "no sum" in estimated(elsewhere).sentence
    assert estimate(replace(CATALOG, prices=None), [DATABASE]) is None


def test_the_description_calls_it_an_estimate_with_source_and_date() -> None:
    body = body_for(a_publication("x", DATABASE))

    assert "Estimate: about $70 a month, usage on top." in body
    assert "Prices of 2026-08-21 in us-east-1, from the unit prices" in body
    assert "| `payments` | `Instance db.t4g.small` | $46.72 |" in body


def test_a_sum_without_its_main_part_is_not_printed() -> None:
    body = body_for(a_publication("x", UNKNOWN))

    assert "no sum, because there is no price of Instance db.r6g.large (payments)." in body
    assert "Known a month: Storage of the first instance (payments) about $23." in body
    assert "Estimate: about" not in body
    assert "| `payments` | `Instance db.r6g.large` | not known |" in body


def test_one_resource_without_its_main_part_leaves_the_whole_request_without_a_sum() -> None:
    found = estimated(a_resource("kms"), UNKNOWN)

    assert found.usd is None
    assert "Key, without requests (payments) about $1.00" in found.sentence


def test_a_smaller_part_that_is_not_known_stands_in_the_headline() -> None:
    io2 = replace(
        DATABASE, parameters={**DATABASE.parameters, "storage_type": Value("io2", DEFAULT)}
    )

    assert (
        "about $47 a month, without Storage and operations of io2 (payments), of which no price is known"
        in estimated(io2).sentence
    )


def test_what_may_grow_by_itself_is_a_range() -> None:
    found = estimated(
        a_resource("aurora", serverless=True, min_capacity=1, max_capacity=4, node_count=1)
    )

    assert "about $88 to $350 a month" in found.sentence


def test_an_imported_price_wins_in_its_region() -> None:
    prices = ImportedPrices(
        source="a list",
        date="2026-11-20",
        regions={"eu-west-1": {"rds.mysql.db.r6g.large": 0.1}},
    )
    catalog = replace(CATALOG, imported_prices=prices)
    there = replace(
        UNKNOWN, parameters={**UNKNOWN.parameters, "region": Value("eu-west-1", DEFAULT)}
    )

    assert costs(catalog, [there])[0].usd == pytest.approx(0.1 * 730 * 2)
    assert costs(catalog, [UNKNOWN])[0].usd is None
    assert "Others of 2026-11-20, from a list." in estimated(UNKNOWN, catalog=catalog).source


def test_what_is_charged_by_use_or_free_is_said() -> None:
    body = body_for(a_publication("x", a_resource("s3")))

    assert "S3 bucket: charged by use (what is kept, and calls)." in body
    assert "free of charge" in estimated(a_resource("iam_role")).sentence
    assert REQUEST_ID in body


@pytest.mark.parametrize(
    ("charge", "words"),
    [
        (
            'what = "x"\nper = "hour"\nusd = 1.0\ntimes = ["nothing"]',
            "there is no parameter nothing",
        ),
        ('what = "x"\nper = "hour"\nusd = { a = 1.0 }', "needs `by`"),
        ('what = "x"\nper = "hour"\nusd = -1.0', "types"),
        ('what = "x"\nper = "year"\nusd = 1.0', "per"),
    ],
)
def test_a_mistake_in_the_prices_stops_the_start(tmp_path: Path, charge: str, words: str) -> None:
    folder = shutil.copytree(BUILT_IN, tmp_path / "catalog")
    with (folder / "_common/prices.toml").open("a") as prices:
        prices.write(f"\n[[types.kms]]\n{charge}\n")
    with pytest.raises(CatalogError, match=r"prices\.toml") as caught:
        load_catalog([folder])
    assert words in caught.value.message

"""The estimate in a pull request: what is known, called an estimate, and absent where nothing is known."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.catalog import BUILT_IN, load_catalog
from provisioning.domain import Origin, ParameterValue, Resource, Value
from provisioning.errors import CatalogError
from provisioning.pipeline.cost import costs
from tests.pipeline.test_publish import REQUEST_ID, a_publication, body_for
from tests.support.built_in import CATALOG

DEFAULT = Origin("default", "")


def a_resource(type_: str, **parameters: ParameterValue) -> Resource:
    values = {
        path: Value(value, DEFAULT) for path, value in {"region": "us-east-1", **parameters}.items()
    }
    application, environment = Value("payments", DEFAULT), Value("prod", DEFAULT)
    return Resource(type_, application, "payments", "prod-payments", environment, values, {})


DATABASE = a_resource(
    "rds",
    engine="mysql",
    instance_type="db.t4g.small",
    multi_az=True,
    allocated_storage_gb=100,
    storage_type="gp3",
)


def test_prices_are_multiplied_by_hours_numbers_and_zones() -> None:
    found = costs(CATALOG, [DATABASE])
    assert [one.what for one in found] == ["Instance db.t4g.small", "Storage of the first instance"]
    assert [one.usd for one in found] == pytest.approx([0.032 * 730 * 2, 0.115 * 100 * 2])
    network = a_resource("vpc", nat_gateway=True, nat_gateway_per_az=True, az_count=3)
    assert [one.usd for one in costs(CATALOG, [network])] == [pytest.approx(0.045 * 730 * 3)]
    assert (
        costs(CATALOG, [a_resource("vpc", nat_gateway=False, nat_gateway_per_az=False, az_count=3)])
        == []
    )


def test_each_item_of_a_list_is_charged() -> None:
    nodes: dict[str, ParameterValue] = {
        "instance_type": "t3.large",
        "desired_size": 2,
        "capacity_type": "ON_DEMAND",
    }
    groups = {f"node_groups[0].{name}": value for name, value in nodes.items()}
    groups |= {
        f"node_groups[1].{name}": value
        for name, value in {**nodes, "instance_type": "m7g.large"}.items()
    }
    found = costs(CATALOG, [a_resource("eks", **groups)])
    assert [(one.what, one.usd) for one in found] == [
        ("Control plane", pytest.approx(73.0)),
        ("Nodes t3.large", pytest.approx(0.0832 * 730 * 2)),
        ("Nodes m7g.large", None),
    ]


@pytest.mark.parametrize("type_", sorted(CATALOG.prices.types if CATALOG.prices else ()))
def test_whatever_is_charged_is_charged_in_each_case_or_said_to_be_unknown(type_: str) -> None:
    """A price that holds for one choice only must not vanish with another."""
    assert CATALOG.prices
    for charge in CATALOG.prices.types[type_]:
        for name in charge.when if charge.by else ():
            path = f"{charge.each}[].{name}" if charge.each else name
            field = dict(CATALOG.types[type_].fields())[path]
            covered = {
                other.when[name] for other in CATALOG.prices.types[type_] if name in other.when
            }
            assert covered == set(field.enum)


def test_in_another_region_and_for_another_type_nothing_is_known() -> None:
    assert costs(CATALOG, [a_resource("kms", region="eu-west-1"), a_resource("s3")]) == []
    assert costs(replace(CATALOG, prices=None), [DATABASE]) == []


def test_the_description_calls_it_an_estimate_with_source_and_date() -> None:
    body = body_for(a_publication("x", DATABASE))
    assert (
        "Estimate: about $70 a month, usage on top. Prices of 2026-08-21 in us-east-1, from the unit prices"
        in body
    )
    assert "| `payments` | `Instance db.t4g.small` | $46.72 |" in body


def test_what_is_not_known_is_said_and_never_counted_as_nothing() -> None:
    other = {**DATABASE.parameters, "instance_type": Value("db.r6g.large", DEFAULT)}
    body = body_for(a_publication("x", replace(DATABASE, parameters=other)))
    assert "Estimate: about $23 a month for what is known here, the rest and usage on top." in body
    assert "| `payments` | `Instance db.r6g.large` | not known |" in body


def test_without_any_price_there_is_no_section() -> None:
    assert "### Cost" not in body_for(a_publication("x", a_resource("s3")))
    assert REQUEST_ID in body_for(a_publication("x", a_resource("s3")))


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

"""`_common/prices.toml`: what costs something, with the source and date of what is known of it. Nothing in it is guessed.
`_common/prices.json` beside it holds imported unit prices; `manage.py catalog prices` writes it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field

from provisioning.catalog.format import FieldSpec, Name, Plain, Table, Word
from provisioning.errors import CatalogError

# Never 0: what costs nothing is listed in `free`, and a forgotten price must not look free.
Usd = Annotated[float, Field(gt=0)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Charge(Table):
    """One thing that costs something as long as it exists: a price times all of `times` (numbers; a parameter without a value
    makes it nothing; `factor` is for another unit), doubled where all of `doubled_when` holds, charged only where all of
    `when` holds. `minimum` is the least that is charged of a parameter, `instead` what counts where it has no value, `up_to`
    the parameter that the first of `times` may grow to. A `main` charge is most of what its resource costs: without it there
    is no sum.

    The price is `usd`, or the imported one that `price` names ("rds.{engine}.{instance_type}"), which wins. Where `usd` is a
    table, `by` is the parameter that chooses from it; without either nothing is known. `each` is a list; parameters are then
    those of its items."""

    what: Word
    per: Literal["hour", "month"]
    usd: Usd | dict[str, Usd] | None = None
    price: str = ""
    main: bool = False
    by: str = ""
    each: str = ""
    times: list[str] = Field([])
    factor: Annotated[float, Field(gt=0)] = 1
    instead: dict[str, str] = Field({})
    minimum: dict[str, float] = Field({})
    up_to: str = ""
    when: dict[str, Plain] = Field({})
    doubled_when: dict[str, Plain] = Field({})

    def named(self) -> list[str]:
        every = (
            self.by,
            self.up_to,
            *self.times,
            *self.instead.values(),
            *self.minimum,
            *self.when,
            *self.doubled_when,
        )
        return [name for name in every if name]


class PricesFile(Table):
    """In US dollars, for one region. `types` is by resource type; `usage` says what of a type is charged by use alone, `free`
    lists those that cost nothing."""

    source: Word
    date: Day
    region: Word
    # A year's 8,760 hours, by twelve.
    hours_per_month: int = 730
    types: dict[Name, list[Charge]] = Field({})
    usage: dict[Name, Word] = Field({})
    free: list[Name] = Field([])


class ImportedPrices(Table):
    """`regions`: region → name → US dollars."""

    source: Word
    date: Day
    regions: dict[str, dict[str, Usd]]


def check_prices(prices: PricesFile, fields: Mapping[str, Mapping[str, FieldSpec]]) -> None:
    """`fields`: type → general path → field. Raises `CatalogError` for a charge on what is not there."""
    for name, reason in _mistakes(prices, fields):
        raise CatalogError(f"_common/prices.toml: types.{name}: {reason}")


def _mistakes(
    prices: PricesFile, fields: Mapping[str, Mapping[str, FieldSpec]]
) -> Iterator[tuple[str, str]]:
    for name, charges in prices.types.items():
        for charge in charges:
            prefix = f"{charge.each}[]." if charge.each else ""
            for parameter in charge.named():
                if f"{prefix}{parameter}" not in fields.get(name, {}):
                    yield name, f"there is no parameter {prefix}{parameter}."
            if isinstance(charge.usd, dict) and not charge.by:
                yield name, f"{charge.what}: a table of prices needs `by`."

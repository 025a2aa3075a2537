"""`_common/prices.toml`: what is known of prices, with its source and date. Nothing in it is fetched, nothing is guessed."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from provisioning.catalog.format import FieldSpec, Name, Plain, Table, Word
from provisioning.errors import CatalogError

Usd = Annotated[float, Field(gt=0)]


class Charge(Table):
    """One thing that costs something as long as it exists: `usd` times all of `times` (numbers; a parameter without a value
    makes it nothing), doubled where all of `doubled_when` holds, charged only where all of `when` holds. Where `usd` is a
    table, `by` is the parameter that chooses from it. `each` is a list; parameters are then those of its items."""

    what: Word
    per: Literal["hour", "month"]
    usd: Usd | dict[str, Usd]
    by: str = ""
    each: str = ""
    times: list[str] = Field([])
    when: dict[str, Plain] = Field({})
    doubled_when: dict[str, Plain] = Field({})

    def named(self) -> list[str]:
        return [name for name in (self.by, *self.times, *self.when, *self.doubled_when) if name]


class PricesFile(Table):
    """In US dollars, for one region; for others nothing is known. `types` is by resource type."""

    source: Word
    date: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    region: Word
    hours_per_month: int = 730
    types: dict[Name, list[Charge]] = Field({})


def check_prices(prices: PricesFile, fields: Mapping[str, Mapping[str, FieldSpec]]) -> None:
    """`fields`: type → general path → field. Raises `CatalogError` for a charge on what is not there."""
    for name, charges in prices.types.items():
        for charge in charges:
            prefix = f"{charge.each}[]." if charge.each else ""
            for parameter in charge.named():
                if f"{prefix}{parameter}" not in fields.get(name, {}):
                    raise CatalogError(
                        f"_common/prices.toml: types.{name}: there is no parameter {prefix}{parameter}."
                    )
            if isinstance(charge.usd, dict) != bool(charge.by):
                raise CatalogError(
                    f"_common/prices.toml: types.{name}: {charge.what}: a table of prices needs `by`."
                )

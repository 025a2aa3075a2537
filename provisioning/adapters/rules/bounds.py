"""Parameters that come in pairs, a least and a most: min_size and max_size."""

from provisioning.adapters.rules.amounts import Amount
from provisioning.adapters.rules.page import NUMERIC, Page

FOLLOWING = 4


def bounded(page: Page, owner: str, path: str, span: tuple[int, int]) -> str:
    """ "at least 2 nodes" is min_size where the type has one."""
    roles = page.roles_at(span[0] - 1)
    if span[0] > 1 and page.atoms[span[0] - 1].kind != "number":
        roles = roles | page.roles_at(span[0] - 2)
    stem, _, name = path.rpartition(".")
    pair = pair_of(page, owner, stem)
    least = "minimum" in roles and (
        page.atoms[span[0] - 1].key != "from" or _goes_on(page, span[1])
    )
    if pair and not name.startswith("min_") and least:
        return pair[0]
    if pair and not name.startswith(("min_", "max_")) and "maximum" in roles:
        return pair[1]
    before = page.by_last.get(span[0])
    most = before is not None and "maximum" in page.found[before].roles()
    return _most_of(page, owner, path) if most and not name.startswith("max_") else path


def _most_of(page: Page, owner: str, path: str) -> str:
    """ "not more than 256 RPU" is max_capacity beside base_capacity."""
    stem, dot, name = path.rpartition(".")
    ends = [name.split("_", count)[-1] for count in range(1, name.count("_") + 1)]
    paths = {other for other, _ in page.fields_of(owner)}
    return next((f"{stem}{dot}max_{end}" for end in ends if f"{stem}{dot}max_{end}" in paths), path)


def _goes_on(page: Page, last: int) -> bool:
    """ "from half an ACU up to four"."""
    near = (page.amount_at(place) for place in range(last + 1, last + FOLLOWING + 1))
    following = next((amount for amount in near if amount), None)
    before = page.by_last.get(following.first) if following else None
    return before is not None and bool(page.found[before].roles() & {"maximum", "range"})


def pair_of(page: Page, owner: str, stem: str = "") -> tuple[str, str] | None:
    paths = [
        path for path, field in page.fields_of(owner) if field.type in NUMERIC and not field.unit
    ]
    for path in paths:
        prefix, name = path.rpartition(".")[0], path.rpartition(".")[2]
        upper = path.replace("min_", "max_")
        if name.startswith("min_") and upper in paths and (not stem or prefix == stem):
            return path, upper
    return None


def limited(page: Page, amount: Amount) -> dict[str, str]:
    """ "never more than nine": a number without a name is a bound of each type that has such a pair."""
    before = page.by_last.get(amount.first)
    roles = page.found[before].roles() if before is not None else set()
    side = 0 if "minimum" in roles else 1
    pairs = (
        {name: pair_of(page, name) for name in page.wanted.types}
        if roles & {"minimum", "maximum"}
        else {}
    )
    return {name: pair[side] for name, pair in pairs.items() if pair}

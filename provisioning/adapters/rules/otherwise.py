"""Numbers that say nothing of what is wanted: "40 users", "in 2 weeks", "it had 16 GB"."""

from provisioning.adapters.rules.amounts import Amount
from provisioning.adapters.rules.fractions import ARTICLES
from provisioning.adapters.rules.page import Page


def counts_otherwise(page: Page, amount: Amount) -> bool:
    """ "40 users", "in 2 weeks": a number that is about something else."""
    reach = 2 if amount.last < len(page.atoms) and page.atoms[amount.last].kind != "mark" else 1
    behind = {
        role for place in range(amount.last, amount.last + reach) for role in page.roles_at(place)
    }
    before = page.roles_at(amount.first - 1) if amount.first else set()
    return (
        "counted_otherwise" in behind
        or "distant" in before
        or _is_rate(page, amount, before)
        or given_up(page, amount)
    )


def _is_rate(page: Page, amount: Amount, before: set[str]) -> bool:
    """ "100 a day", "requests a second"."""
    counted = amount.first > 0 and (
        page.atoms[amount.first - 1].kind == "number" or "counted_otherwise" in before
    )
    return page.atoms[amount.first].key in ARTICLES and counted


def given_up(page: Page, amount: Amount) -> bool:
    """A past clause holds nothing that is wanted now, even where its number has no mention of its own; nor does "not 50 GB"."""
    denial = page.by_last.get(amount.first)
    if denial is not None and "negation" in page.found[denial].roles():
        return True
    clause = page.scope.clause[amount.first]
    return clause in page.past or amount.first >= page.scope.told.get(clause, len(page.atoms))

"""Which parameters a mention can name for a number."""

from provisioning.adapters.rules.amounts import Amount
from provisioning.adapters.rules.page import NUMERIC, Page
from provisioning.adapters.rules.vocabulary import Meaning


def meanings(page: Page, index: int, amount: Amount) -> list[Meaning]:
    mention = page.found[index]
    things = {meaning.subject for meaning in mention.of("type")} & set(
        page.wanted.types
    )  # "and 4 ec2 instances"
    names = [meaning for meaning in mention.of("name") if not things or meaning.subject in things]
    named = [meaning for meaning in names if _takes(page, meaning, amount)]
    return named or [
        own for meaning in mention.of("name", "value") for own in _of_switch(page, meaning, amount)
    ]


def _takes(page: Page, meaning: Meaning, amount: Amount) -> bool:
    field = page.field(meaning)
    if field is None or field.type not in NUMERIC or amount.in_unit_of(field, amount.value) is None:
        return False
    shares = bool(amount.units) and not field.unit and meaning.subject in page.wanted.types
    return not shares or all(
        other.unit != "percent" for _, other in page.fields_of(meaning.subject)
    )


def fits(page: Page, meaning: Meaning, amount: Amount) -> bool:
    """ "2 GB Speicher" is memory where a disk has at least 21."""
    field = page.field(meaning)
    value = amount.in_unit_of(field, amount.value) if field else None
    if field and field.enum:
        return value in field.enum
    most = field.maximum if field and field.maximum is not None else value
    return field is not None and value is not None and (field.minimum or 0) <= value <= (most or 0)


def _of_switch(page: Page, meaning: Meaning, amount: Amount) -> list[Meaning]:
    """ "object lock 7 years" switches it on and says object_lock_days."""
    field = page.field(meaning)
    if (
        field is None
        or field.type != "boolean"
        or not amount.units
        or meaning.subject not in page.wanted.types
    ):
        return []
    own = [meaning._replace(kind="name", path=path) for path, _ in page.fields_of(meaning.subject)
           if path.startswith(f"{meaning.path}_")]  # fmt: skip
    return [one for one in own if _takes(page, one, amount)][:1]

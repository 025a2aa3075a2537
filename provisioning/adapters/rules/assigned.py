"""What a text assigns as Terraform does ("allocated_storage_gb = 200") is read first, and by nobody else."""

from collections.abc import Iterator, Sequence

from provisioning.adapters.rules.page import Claim, Page
from provisioning.adapters.rules.vocabulary import Vocabulary
from provisioning.catalog.assignments import Assignment, assignments


def assignments_in(text: str, vocabulary: Vocabulary) -> list[Assignment]:
    """Those whose path is a parameter of a type; what else has the form is read as words."""
    types = vocabulary.catalog.types.values()
    return [one for one in assignments(text) if any(type.field(one.path) for type in types)]


def without(text: str, found: Sequence[Assignment]) -> str:
    """Of each, only its sign stays, at its place: what a value says is about nothing else."""
    for one in found:
        blank = " " * (one.sign - one.start) + "=" + " " * (one.end - one.sign - 1)
        text = text[: one.start] + blank + text[one.end :]
    return text


def assigned(page: Page) -> Iterator[Claim]:
    for one in page.assigned:
        span = page.atoms_between(one.sign, one.sign + 1)
        owner = _owner(page, one, span) if span else ""
        if span and owner:
            yield Claim(owner, one.path, one.value, span[0], span[1], one.start, one.end)


def left_over(page: Page) -> Iterator[str]:
    """Those to a parameter that no wanted type takes, as they stand in the text."""
    for one in page.assigned:
        if not any(_takes(page, name, one) for name in page.wanted.types):
            yield page.text[one.start : one.end]


def _owner(page: Page, one: Assignment, span: tuple[int, int]) -> str:
    having = {name for name in page.wanted.types if _takes(page, name, one)}
    return page.owners(having, *span)[0] if having else ""


def _takes(page: Page, type_name: str, one: Assignment) -> bool:
    field = page.vocabulary.catalog.types[type_name].field(one.path)
    return field is not None and not field.setting

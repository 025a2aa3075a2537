"""What a parser says beside values: wishes that nothing fulfils, its reason, its questions. All of it is hostile input."""

import re
from collections.abc import Iterator, Sequence

from provisioning.catalog import Catalog
from provisioning.domain import Question, Reading, Submission, Unmet
from provisioning.pipeline.passage import passages

# Of wishes and letters: what a model writes here is shown to people, and it may write without end.
MOST_UNMET = 10
LONGEST = 240
_ADDRESS = re.compile(r"(?:\w+://|www\.)\S*", re.IGNORECASE)


def sentence(text: str) -> str:
    """One line of bounded length. Addresses go: nobody is to be sent anywhere by a model."""
    line = " ".join(_ADDRESS.sub("[address]", text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def unmet_of(catalog: Catalog, submission: Submission, reading: Reading) -> tuple[Unmet, ...]:
    """Those whose words stand in the text, each once."""
    kept: dict[str, Unmet] = {}
    for one in reading.unmet:
        found = passages(catalog, submission.text, one.quote)
        if found and len(kept) < MOST_UNMET:
            quote = " … ".join(" ".join(passage.raw.split()) for passage in found)
            kept.setdefault(quote.casefold(), Unmet(quote, sentence(one.why)))
    return tuple(kept.values())


def open_questions(
    catalog: Catalog, submission: Submission, reading: Reading
) -> tuple[list[Question], list[str]]:
    """The questions of an `ok` reading: its doubts count, so those that an answer can settle are
    asked, and the others are told."""
    asked, told = [], []
    for question in reading.questions:
        if question.id in submission.answers:
            continue
        if _can_be_answered(catalog, question.id):
            asked.append(question)
        else:
            told.append(f"The {reading.parser} parser asked: {sentence(question.text)}")
    return asked, told


def _can_be_answered(catalog: Catalog, name: str) -> bool:
    type_name, _, path = name.partition(".")
    resource_type = catalog.types.get(type_name)
    is_parameter = resource_type is not None and resource_type.field(path) is not None
    return is_parameter or name in {"resource_type", "environment", "application"}


def not_connected(catalog: Catalog, types: Sequence[str]) -> Iterator[str]:
    """Of several types: they are made side by side. No parameter makes one of another yet."""
    titles = [catalog.types[name].file.title for name in dict.fromkeys(types)]
    if len(titles) > 1:
        listed = f"{', '.join(titles[:-1])} and {titles[-1]}"
        yield f"Not connected: {listed} are made side by side. Nothing in one refers to another."

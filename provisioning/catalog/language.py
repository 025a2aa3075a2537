"""`_common/language.toml`: what the embedded parser knows of language beside the words of the resource types."""

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from provisioning.catalog.format import Table, Word
from provisioning.errors import CatalogError

FILE = Path("_common") / "language.toml"

Role = Literal[
    "negation",  # what follows is not wanted ("no NAT")
    "negation_after",  # what stands before is not wanted ("multi-AZ not needed")
    "affirmation",  # looks like a negation and is none ("don't forget")
    "past",  # the clause tells what was, or what is there already
    "correction",  # the clause replaces what was said before
    "contrast",  # begins a new clause
    "discarded",  # what follows is given up ("instead of MySQL")
    "reference",  # what follows is only compared with ("same as the bucket of marketing")
    "minimum",
    "maximum",
    "range",
    "article",
    "definite",
    "purpose",  # what follows names what the resource is for
    "preposition",
    "joining",
    "alternative",
    "everything",
    "linking",  # may stand between a parameter's name and its number ("timeout of 30")
    "connecting",  # may stand between a number and its noun ("3 small nodes")
    "naming",
    "name_noun",  # "the karaoke app": the word before it is a name
    "name_noun_kept",  # the same, and the noun is part of the name ("payments API")
    "polite",
    "asking",  # begins a question, not a wish ("why is")
    "trouble",  # something that exists does not work ("is down")
    "creating",
    "destructive",
    "changing",
    "existing",
    "after",  # "delete after 30 days" is a rule, not a wish to delete
    "access",
    "other_cloud",
    "attack",
    "infrastructure",  # tells an unclear request for infrastructure from something else
    "not_a_place",  # an environment before it says whose ("the development team")
    "distant",  # a number behind it is no parameter ("ready in 2 weeks")
    "counted_otherwise",  # a number before it is no parameter ("40 users")
    "ignorable",  # never part of a name
    "conditional",  # nothing is wished for yet ("if we had")
    "obligation",  # says what an existing thing is to be ("the queue should keep")
    "closing",  # ends a mail; what follows is its writer
    "plain",  # never taken for a misspelled word of the catalog
]


class Unit(Table):
    family: Literal["size", "time", "share"]
    factor: float
    words: list[Word]


class Schedules(Table):
    """Words of recurring times, by what they are in a cron expression. `usual` is minute and hour where only a day is said;
    words of `daily` that say no more than the type's own default have no expression."""

    usual: Word
    every: list[Word]
    times: dict[Word, list[Word]]
    days: dict[Word, list[Word]]
    dates: dict[Word, list[Word]]
    daily: dict[str, list[Word]]


class Language(Table):
    numbers: dict[Word, float]
    multipliers: dict[Word, float]
    fractions: dict[Word, float]
    frequencies: dict[Word, Word]
    units: dict[Word, Unit]
    schedules: Schedules
    switches: dict[Word, bool]
    filler: list[Word] = Field(default_factory=list)
    roles: dict[Role, list[Word]]
    translations: dict[Word, dict[Word, list[Word]]] = Field(default_factory=dict)


@lru_cache(maxsize=4)
def language_of(folders: tuple[Path, ...], digest: str) -> Language | None:
    """Of the catalog with this digest, read once; None where its folders have none."""
    # A catalog without the file is one for Claude alone, and nothing is wrong with it.
    return load_language(folders) if any((root / FILE).is_file() for root in folders) else None


def load_language(folders: Sequence[Path]) -> Language:
    """The last folder that has the file. Raises `CatalogError` that names the file and the key."""
    found = [root / FILE for root in folders if (root / FILE).is_file()]
    if not found:
        raise CatalogError(f"{FILE}: missing in {', '.join(map(str, folders))}.")
    try:
        return Language.model_validate(tomllib.loads(found[-1].read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogError(f"{found[-1]}: not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise CatalogError(
            f"{found[-1]}: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        ) from error

"""What quoted words prove about a value that a parser says they are the origin of.

A quote is only looked up in the text; what is weighed are the text's own words at that place, and
what stands right before and behind them. So no quote can say what the text does not.
"""

import re
from collections.abc import Sequence
from typing import Literal

from provisioning.catalog import Catalog
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.plain import keys_of
from provisioning.catalog.quantities import quantities, vocabulary_of
from provisioning.catalog.spellings import (
    environment_spellings,
    known_words,
    longest,
    place_of,
    spellings_of,
)
from provisioning.domain import ParameterValue
from provisioning.pipeline.denial import is_denied
from provisioning.pipeline.passage import Passage
from provisioning.pipeline.schedule_evidence import says_schedule

# In words behind a number.
LONGEST_UNIT = 3
# A span has two ("2 to 8 nodes"); a quote with more of them points at none.
MOST_NUMBERS = 2

# said: the words say this value. unsaid: they say nothing about it. denied: they say another one, or the opposite.
Verdict = Literal["said", "unsaid", "denied"]


def weigh(
    catalog: Catalog, field: FieldSpec, value: ParameterValue, found: Sequence[Passage]
) -> tuple[Verdict, Passage]:
    """The best verdict of the passages, and the one that it comes from. There is at least one."""
    verdicts = [(_weigh(catalog, field, value, passage), passage) for passage in found]
    # One place that says it is enough, whatever the others do; a contradiction weighs more than silence.
    for wanted in ("said", "denied"):
        for verdict, passage in verdicts:
            if verdict == wanted:
                return verdict, passage
    return verdicts[0]


def says_environment(
    catalog: Catalog, environment: str, found: Sequence[Passage]
) -> Passage | None:
    """The passage that spells this environment and denies it not."""
    for passage in found:
        place = _place_of_environment(catalog, environment, passage)
        if place and not is_denied(catalog, passage, place):
            return passage
    return None


def _place_of_environment(
    catalog: Catalog, environment: str, passage: Passage
) -> tuple[int, int] | None:
    """ "in dev and prod" says both of them; "pre-prod" says another one than prod."""
    places = {}
    for name, spellings in environment_spellings(catalog).items():
        said = longest(passage.keys, {name: spellings}, known_words(catalog))
        if said:
            places[name] = said.place
    own = places.pop(environment, None)
    if own is None or any(_covers(other, own) for other in places.values()):
        return None
    return own


def _covers(other: tuple[int, int], own: tuple[int, int]) -> bool:
    return other != own and other[0] <= own[0] and own[1] <= other[1]


def says_count(catalog: Catalog, count: int, found: Sequence[Passage]) -> Passage | None:
    vocabulary = vocabulary_of(catalog.folders, catalog.digest)
    for passage in found:
        numbers = quantities(passage.countable, vocabulary)
        if any(count in number.values and not number.units for number in numbers):
            return passage
    return None


def _weigh(catalog: Catalog, field: FieldSpec, value: ParameterValue, passage: Passage) -> Verdict:
    if isinstance(value, bool):
        return _weigh_boolean(catalog, field, value, passage)
    if isinstance(value, tuple):
        return "said" if value and all(_stands(item, passage.text) for item in value) else "unsaid"
    if field.enum or field.values:
        verdict = _weigh_choice(catalog, field, str(value), passage)
        # A number that is also a choice may be said as a number.
        if verdict != "unsaid" or (field.enum and isinstance(value, str)):
            return verdict
    if isinstance(value, int | float):
        return _weigh_number(catalog, field, value, passage)
    if field.format == "schedule":
        return "said" if says_schedule(catalog, str(value), passage) else "unsaid"
    return _weigh_listed(str(value), passage) if field.allowed else _weigh_text(str(value), passage)


def _weigh_boolean(catalog: Catalog, field: FieldSpec, value: bool, passage: Passage) -> Verdict:
    known = known_words(catalog)
    named = {"true": [field.title, *field.synonyms]}
    said = longest(passage.keys, field.values, known) or longest(passage.keys, named, known)
    if said is None:
        return "unsaid"
    word, place = said
    if is_denied(catalog, passage, place):
        word = {"true": "false", "false": "true"}[word]
    return "said" if word == str(value).lower() else "denied"


def _weigh_choice(catalog: Catalog, field: FieldSpec, value: str, passage: Passage) -> Verdict:
    """ "MFA not needed" denies one choice and says no other."""
    said = longest(passage.keys, spellings_of(field), known_words(catalog))
    if said is None:
        return "unsaid"
    denied = is_denied(catalog, passage, said[1])
    if said[0] == value:
        return "denied" if denied else "said"
    return "unsaid" if denied else "denied"


def _weigh_number(catalog: Catalog, field: FieldSpec, value: float, passage: Passage) -> Verdict:
    vocabulary = vocabulary_of(catalog.folders, catalog.digest)
    # Models like to quote a figure without its unit: it is read on behind the quote.
    behind = passage.words.countable[passage.first : passage.last + LONGEST_UNIT]
    size = passage.last - passage.first
    numbers = [one for one in quantities(behind, vocabulary) if one.first < size]
    if len(numbers) > MOST_NUMBERS:
        return "denied"
    if numbers:
        return "said" if any(one.means(value, field) for one in numbers) else "denied"
    # "no read replicas" says zero without a number.
    if value == 0 and is_denied(catalog, passage, (0, 0)):
        return "said"
    return "said" if value == 1 and _names_one(field, passage) else "unsaid"


def _names_one(field: FieldSpec, passage: Passage) -> bool:
    """ "with a read replica" says one; the article need not be quoted."""
    named = longest(passage.keys, {"": [field.title, *field.synonyms]})
    return named is not None and not passage.keys[named.place[1] - 1].endswith("s")


def _weigh_listed(value: str, passage: Passage) -> Verdict:
    """Of a list's value the part that tells it from others is enough: "t4g.medium", "17", "python 3.12"."""
    # People say "t4g.medium" for "db.t4g.medium".
    tails = [value, value.partition(".")[2]]
    if any(tail and place_of(passage.keys, tail) for tail in tails):
        return "said"
    said = {key for key in passage.keys if key[0].isdecimal()}
    meant = {key for key in keys_of(value) if key[0].isdecimal()}
    if said:
        return "said" if said <= meant else "denied"
    return "unsaid"


def _weigh_text(value: str, passage: Passage) -> Verdict:
    """Free text, names and addresses stand in the text as they are, letter for letter but for case."""
    start, end = passage.span
    around = passage.text[max(0, start - 1) : end + 1]  # a path's first slash is no part of a word
    return "said" if value.casefold() in around.casefold() else "unsaid"


def _stands(item: str, text: str) -> bool:
    pattern = rf"(?<![\w@.-]){re.escape(item)}(?![\w@-])"
    return re.search(pattern, text, re.IGNORECASE) is not None

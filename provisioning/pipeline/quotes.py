"""Whether quoted words can mean the value that they are said to be the origin of."""

import itertools
import re
import unicodedata

from provisioning.catalog.format import FieldSpec
from provisioning.catalog.language import Language
from provisioning.domain import ParameterValue

_NUMBER = re.compile(r"(?<!\w)(?<!\w\.)\d+(?:[.,]\d+)*")
_SECONDS = (1, 60, 3600, 86_400, 604_800, 2_592_000, 2_678_400, 31_536_000, 31_622_400)
_BYTES = tuple(base**power for base in (1000, 1024) for power in range(4))
_FACTORS = frozenset(
    a / b for units in (_SECONDS, _BYTES) for a, b in itertools.product(units, units)
)
LEEWAY = 0.005
MOST_OF_IT = 0.4


def supports(
    field: FieldSpec, value: ParameterValue, quote: str, language: Language | None = None
) -> bool:
    """False where the words say another number, another choice or the opposite. Words that say no number and no choice that the
    catalog knows prove nothing either way. Denials and fractions are believed only where the language has words for them."""
    if isinstance(value, bool):
        return not (
            value and _choice(field, quote) == "false" and not _denies(field, quote, language)
        )
    if isinstance(value, int | float):
        return _choice(field, quote) == str(value) or _same_number(field, value, quote, language)
    if field.enum and isinstance(value, str):
        return _choice(field, quote) in {None, value}
    return not field.allowed or not isinstance(value, str) or _same_digits(value, quote)


def _choice(field: FieldSpec, quote: str) -> str | None:
    """The choice with the longest spelling that stands in the words and is much of them; None where none is, or two are."""
    words = _plain(quote)
    found = {
        choice: max(
            (
                len(spelling)
                for spelling in [choice, *spellings]
                if _stands(_plain(spelling), words)
            ),
            default=0,
        )
        for choice, spellings in {
            **{str(choice): [] for choice in field.enum},
            **field.values,
        }.items()
    }
    longest = max(found.values(), default=0)
    best = [
        choice
        for choice, length in found.items()
        if length == longest and length >= MOST_OF_IT * len(words)
    ]
    return best[0] if len(best) == 1 else None


def _denies(field: FieldSpec, quote: str, language: Language | None) -> bool:
    """ "not public" does not say "public": a denial stands beside the spelling."""
    words = _plain(quote)
    spellings = [
        spelling
        for spelling in map(_plain, field.values.get("false", ()))
        if _stands(spelling, words)
    ]
    beside = words.replace(max(spellings, key=len, default=""), " ", 1)
    return language is not None and any(
        _stands(_plain(no), beside) for no in language.roles["negation"]
    )


def _plain(words: str) -> str:
    plain = re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", words).casefold()).strip()
    return re.sub(r"(?<=\d)(?=[^\W\d_])", " ", plain)  # "0.5vcpu"


def _stands(spelling: str, words: str) -> bool:
    """As whole words. A regular expression of each spelling would take half of the time that a request is read in."""
    place = words.find(spelling)
    while place >= 0:
        end = place + len(spelling)
        if not words[place - 1 : place].isalnum() and not words[end : end + 1].isalnum():
            return True
        place = words.find(spelling, place + 1)
    return False


def _same_number(field: FieldSpec, value: float, quote: str, language: Language | None) -> bool:
    said = _NUMBER.findall(quote)
    if len(said) != 1:
        return True
    factors = _FACTORS if field.unit else {1.0}
    more = (
        {0.0, *(part for word, part in language.fractions.items() if _stands(word, _plain(quote)))}
        if language
        else {0.0}
    )
    return any(
        abs(value - number * factor) <= max(LEEWAY * abs(value), 1 if factor != 1 else 0)
        for number in (reading + part for reading in _readings(said[0]) for part in more)
        for factor in factors
    )


def _readings(digits: str) -> set[float]:
    """ "1.200" is 1200 or 1.2, depending on who writes."""
    plain = digits.replace(",", "").replace(".", "")
    forms = {
        plain,
        digits.replace(",", ""),
        digits.replace(".", "").replace(",", "."),
        digits.replace(",", "."),
    }
    return {float(form) for form in forms if form.count(".") <= 1}


def _same_digits(value: str, quote: str) -> bool:
    said = set(re.findall(r"\d+", quote))
    return not said or not said.isdisjoint(re.findall(r"\d+", value))

"""Numbers with their units in a few words: "200 GB", "half a terabyte", "six months", "14-day", "1k"."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from provisioning.catalog.format import FieldSpec
from provisioning.catalog.language import Language, Unit, language_of
from provisioning.catalog.plain import is_slip, words_of

# What one of a parameter's units is in megabytes, seconds or percent.
FAMILIES: Mapping[str, tuple[str, float]] = {
    "GB": ("size", 1024.0),
    "MB": ("size", 1.0),
    "days": ("time", 86_400.0),
    "hours": ("time", 3_600.0),
    "minutes": ("time", 60.0),
    "seconds": ("time", 1.0),
    "percent": ("share", 1.0),
}
# Months and longer have no exact length: 6 months are 180 to 184 days, a year is 365 or 366.
INEXACT, INEXACT_SHARE = 28 * 86_400, 0.03
BINARY, DECIMAL = 1024, 1000
# In words, and in letters up to which an article before it does not count: "a week" is one week, "a m" is none.
LONGEST_UNIT = 3
# In letters: what is as short may be a word of another language or a typing slip.
DOUBTFUL = 2
# A key may begin with a digit and be no number: the sign for a quarter becomes three characters.
NUMERAL = re.compile(r"\d+(?:[.,]\d+)*")
# More than any parameter takes; a longer row of digits is a key or an account.
LARGEST = 10.0**15
# What two ways to compute the same number may differ by.
ROUNDING = 1e-6


class Quantity(NamedTuple):
    """`values` are the readings of its digits ("1.200" is 1200 or 1.2), the likelier one first;
    `units` those of its unit's word ("m" is minutes or megabytes), none without a unit. A unit of
    one or two letters, or before another number, is `doubtful`: the "y" of "2 y 6", the "to" of
    "2 to 8" and the "min" of "port 80 min 3" may be none."""

    values: tuple[float, ...]
    units: tuple[Unit, ...]
    first: int
    last: int
    doubtful: bool = False

    def in_unit_of(self, spec: FieldSpec) -> Iterator[float]:
        """What the parameter's value is by these words, the likeliest first; nothing where it
        counts something else. Sizes are rounded up to whole units, months to whole days."""
        for value in self.values:
            for exact, unit in self._converted(value, spec):
                yield _rounded(exact, unit, spec)

    def means(self, value: float, spec: FieldSpec) -> bool:
        """Exactly, but for the length of a month and what a TB is to a maker of disks."""
        for said in self.values:
            for exact, unit in self._converted(said, spec):
                if math.isclose(value, exact, rel_tol=ROUNDING) or _about(value, exact, unit, spec):
                    return True
        return False

    def _converted(self, value: float, spec: FieldSpec) -> Iterator[tuple[float, Unit | None]]:
        if not self.units or (self.doubtful and not spec.unit):
            yield value, None
        # Of a parameter without a unit only a share is the number itself: "above 70 %".
        family, factor = FAMILIES.get(spec.unit, ("share", 1.0))
        for unit in self.units:
            if unit.family == family:
                yield value * unit.factor / factor, unit


def _rounded(exact: float, unit: Unit | None, spec: FieldSpec) -> float:
    if spec.type != "integer" or unit is None or exact == int(exact):
        return exact
    if unit.family == "size":
        # Up, for who asks for a size wants no less; what a division leaves behind is no more.
        return math.ceil(exact - ROUNDING)
    return round(exact) if unit.factor >= INEXACT else exact


def _about(value: float, exact: float, unit: Unit | None, spec: FieldSpec) -> bool:
    """What else the same words mean where a unit was converted."""
    if unit is None:
        return False
    own_factor = FAMILIES[spec.unit][1]
    if unit.factor == own_factor:
        return False
    if unit.family == "size":
        steps = round(math.log(unit.factor / own_factor, BINARY))
        decimal = exact * (DECIMAL / BINARY) ** steps
        # Within one unit, since both readings may have been rounded.
        return abs(value - exact) < 1 or abs(value - decimal) < 1
    return unit.factor >= INEXACT and abs(value - exact) <= INEXACT_SHARE * exact + 1


@dataclass(frozen=True)
class NumberWords:
    """The number words of all languages that the catalog knows, by their plain form."""

    numbers: dict[str, float] = field(default_factory=dict)
    multipliers: dict[str, float] = field(default_factory=dict)
    fractions: dict[str, float] = field(default_factory=dict)
    units: dict[str, tuple[Unit, ...]] = field(default_factory=dict)

    @cached_property
    def all_words(self) -> frozenset[str]:
        return frozenset([*self.numbers, *self.multipliers, *self.fractions, *self.units])


def quantities(keys: Sequence[str], vocabulary: NumberWords) -> list[Quantity]:
    """All numbers of a phrase, given as plain words."""
    found = []
    index = 0
    while index < len(keys):
        quantity = _quantity(keys, index, vocabulary)
        if quantity:
            found.append(quantity)
        index = quantity.last if quantity else index + 1
    return found


def _quantity(keys: Sequence[str], start: int, vocabulary: NumberWords) -> Quantity | None:
    often = vocabulary.units.get(f"*{keys[start]}")
    if often:  # "monthly" is one month
        return Quantity((1.0,), often, start, start + 1)
    end, values = _number(keys, start, vocabulary)
    if not values and _is_unit_and_a_half(keys, start, vocabulary):
        end, values = start, (1.0,)
    if not values:
        return None
    unit_end, units = _unit(keys, end, vocabulary)
    last, more = _and_a_half(keys, unit_end, vocabulary)
    doubtful = False
    if unit_end == end + 1:
        before_a_number = unit_end < len(keys) and keys[unit_end][0].isdecimal()
        doubtful = len(keys[end]) <= DOUBTFUL or before_a_number
    whole = tuple(value + more for value in values)
    return Quantity(whole, units, start, last, doubtful)


def _is_unit_and_a_half(keys: Sequence[str], start: int, vocabulary: NumberWords) -> bool:
    """ "minute and a half": nothing before the unit says that it is one."""
    _, more = _and_a_half(keys, start + 1, vocabulary)
    return bool(more) and keys[start] in vocabulary.units


def _number(
    keys: Sequence[str], start: int, vocabulary: NumberWords
) -> tuple[int, tuple[float, ...]]:
    if NUMERAL.fullmatch(keys[start]):
        read = [value for value in _readings(keys[start]) if value < LARGEST]
        end, more = _and_a_half(keys, start + 1, vocabulary)
        values = tuple(value + more for value in read)
        return _multiplied(keys, end, values, vocabulary)
    # "half a dozen" before "a dozen", or the article would be taken for the number.
    end, part = _fraction(keys, start, vocabulary)
    if part:
        return end, (part,)
    end, total = _in_words(keys, start, vocabulary)
    if total is None:
        return start, ()
    end, total = _parts(keys, end, total, vocabulary)
    end, more = _and_a_half(keys, end, vocabulary)
    return _multiplied(keys, end, (total + more,), vocabulary)


def _parts(
    keys: Sequence[str], index: int, count: float, vocabulary: NumberWords
) -> tuple[int, float]:
    """ "three quarters of a gigabyte"."""
    words = tuple(keys[index : index + 3])
    if words[1:2] != ("of",):
        return index, count
    part = vocabulary.fractions.get(words[0].removesuffix("s"), 0.0)
    if not part:
        return index, count
    article = words[2:] in {("a",), ("an",)}
    return index + (3 if article else 2), count * part


def _readings(digits: str) -> list[float]:
    """ "1.200" is 1200 or 1.2 and "1,5" is 1.5, depending on who writes."""
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        # The last sign is the decimal one in every country; the other groups thousands.
        last = max(digits.rfind("."), digits.rfind(","))
        whole = digits[:last].replace(".", "").replace(",", "")
        return [float(f"{whole}.{digits[last + 1 :]}")]
    if points > 1 or commas > 1:
        return [float(digits.replace(".", "").replace(",", ""))]
    decimal = digits.replace(",", ".")
    plain = float(decimal)
    _, _, behind = decimal.partition(".")
    # A comma before three digits was a group already where the word was read ("1,000" is the key "1000").
    if points and len(behind) == 3:
        return [plain, float(digits.replace(".", ""))]
    return [plain]


def _in_words(keys: Sequence[str], start: int, vocabulary: NumberWords) -> tuple[int, float | None]:
    """ "twenty four", "a dozen", "a hundred"; an article alone counts before a long unit: "a week"."""
    index, total = _sum_of_words(keys, start, vocabulary)
    if total is not None:
        return index, total
    word = keys[start]
    # One letter is a unit sooner than a multiplier: the "k" of "k 8".
    if word in vocabulary.multipliers and len(word) > 1:
        return start + 1, vocabulary.multipliers[word]  # "hundred GB"
    if word in {"a", "an"} and start + 1 < len(keys):
        return _after_article(keys, start + 1, vocabulary)
    return index, None


def _sum_of_words(
    keys: Sequence[str], start: int, vocabulary: NumberWords
) -> tuple[int, float | None]:
    total, index = None, start
    while index < len(keys) and keys[index] in vocabulary.numbers:
        value = vocabulary.numbers[keys[index]]
        if total is None:
            total = value
        # Only tens take a digit in: "twenty four" is one number, "two three" are two.
        elif total >= 20 and total % 10 == 0 and value < 10:
            total += value
        else:
            break
        index += 1
    return index, total


def _after_article(
    keys: Sequence[str], index: int, vocabulary: NumberWords
) -> tuple[int, float | None]:
    following = keys[index]
    if following in vocabulary.multipliers:
        return index, 1.0
    if following in vocabulary.units and len(following) > LONGEST_UNIT:
        return index, 1.0
    if following == "dozen":
        return _in_words(keys, index, vocabulary)
    return index - 1, None


def _multiplied(
    keys: Sequence[str], index: int, values: tuple[float, ...], vocabulary: NumberWords
) -> tuple[int, tuple[float, ...]]:
    while index < len(keys) and keys[index] in vocabulary.multipliers:
        values = tuple(value * vocabulary.multipliers[keys[index]] for value in values)
        index += 1
    return index, values


def _fraction(keys: Sequence[str], start: int, vocabulary: NumberWords) -> tuple[int, float]:
    """ "half a terabyte", "a quarter of an hour", "half a dozen"."""
    index = start + (keys[start] in {"a", "an"})
    part = vocabulary.fractions.get(keys[index], 0.0) if index < len(keys) else 0.0
    if not part:
        return start, 0.0
    index += 1
    while index < len(keys) and keys[index] in {"a", "an", "of"}:
        index += 1
    if index >= len(keys):
        return start, 0.0
    if keys[index] == "dozen":
        return index + 1, part * vocabulary.numbers.get("dozen", 12)
    # "half an ACU" counts something though no unit is known; "half the nodes" counts nothing.
    after_article = keys[index - 1] in {"a", "an"}
    _, units = _unit(keys, index, vocabulary)
    return (index, part) if after_article or units else (start, 0.0)


def _and_a_half(keys: Sequence[str], index: int, vocabulary: NumberWords) -> tuple[int, float]:
    words = tuple(keys[index : index + 3])
    if words[:2] != ("and", "a") or len(words) < 3:
        return index, 0.0
    part = vocabulary.fractions.get(words[2], 0.0)
    return (index + 3, part) if part else (index, 0.0)


def _unit(keys: Sequence[str], start: int, vocabulary: NumberWords) -> tuple[int, tuple[Unit, ...]]:
    for size in range(LONGEST_UNIT, 0, -1):
        units = vocabulary.units.get(" ".join(keys[start : start + size]), ())
        if units and start + size <= len(keys):
            return start + size, units
    return _misspelled_unit(keys, start, vocabulary)


def _misspelled_unit(
    keys: Sequence[str], start: int, vocabulary: NumberWords
) -> tuple[int, tuple[Unit, ...]]:
    """ "30 minuts"."""
    for word in keys[start : start + 1]:
        for right, units in vocabulary.units.items():
            if is_slip(word, right, vocabulary.all_words):
                return start + 1, units
    return start, ()


@lru_cache(maxsize=4)
def vocabulary_of(folders: tuple[Path, ...], digest: str) -> NumberWords:
    """Of the catalog with this digest; without a language only digits are numbers."""
    language = language_of(folders, digest)
    return _vocabulary(language) if language else NumberWords()


def _vocabulary(language: Language) -> NumberWords:
    whole = NumberWords(
        dict(language.numbers), dict(language.multipliers), dict(language.fractions)
    )
    for unit in language.units.values():
        words = list(unit.words)
        if unit.family == "share":
            words.append("%")  # a sign, which the language's words cannot have
        for word in words:
            key = _key(word)
            whole.units[key] = (*whole.units.get(key, ()), unit)
    for word, unit_word in language.frequencies.items():
        whole.units[f"*{word}"] = whole.units[unit_word]
    for table in language.translations.values():
        for english, foreign in table.items():
            for word in foreign:
                _translate(whole, english, _key(word))
    return whole


def _key(words: str) -> str:
    return " ".join(words_of(words).keys)


def _translate(whole: NumberWords, english: str, key: str) -> None:
    """A word of another language counts as what it means, where English has no such word."""
    for table in (whole.numbers, whole.multipliers, whole.fractions):
        if english in table and key not in whole.numbers:
            table.setdefault(key, table[english])
    if english in whole.units:
        units = [*whole.units.get(key, ()), *whole.units[english]]
        whole.units[key] = tuple({unit.factor: unit for unit in units}.values())

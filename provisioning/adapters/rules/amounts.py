"""Numbers with their units: digits, words, ranges."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from provisioning.adapters.rules.fractions import ARTICLES, and_a_half, fraction, half, parts
from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.spelling import misspelled_unit
from provisioning.adapters.rules.tokens import LARGEST, Atom, key, number
from provisioning.adapters.rules.vocabulary import Vocabulary
from provisioning.catalog.format import FieldSpec
from provisioning.catalog.language import Unit

_MULTIPLYING_NOUNS = grammar("multiplying nouns")
_COUNTING_NOUNS = grammar("counting nouns")

INEXACT = 28 * 86400
POINTING = grammar("pointing")
BETWEEN = grammar("between")
MARKS_OF_RANGE = frozenset({"–", "-", "—", "~", "..", "..."})
# What one of a parameter's units is in megabytes, seconds or percent.
PARAMETER_UNITS = {
    "GB": ("size", 1024.0), "MB": ("size", 1.0), "days": ("time", 86400.0), "hours": ("time", 3600.0),
    "minutes": ("time", 60.0), "seconds": ("time", 1.0), "percent": ("share", 1.0),
}  # fmt: skip


class Amount(NamedTuple):
    """`unit` is the atom after the number, `units` the readings of its word ("m" is minutes or megabytes), empty without a
    unit. `until` is the upper end of a range. A frequency ("monthly") has no atom for its number: `unit` is its first one."""

    first: int
    unit: int
    last: int
    value: float
    written: str
    units: tuple[Unit, ...] = ()
    until: float | None = None

    def in_unit_of(self, field: FieldSpec, value: float) -> float | int | None:
        """None where the parameter counts something else. A size is rounded up to whole units; months and years, which have no
        exact length, are rounded too; nothing else is."""
        if not field.unit:
            broken = field.type == "integer" and value != int(value)
            counted = all(
                unit.family == "share" for unit in self.units
            )  # "above 70%" of a metric without a unit
            return _whole(value) if counted and not broken else None
        family, factor = PARAMETER_UNITS[field.unit]
        if not self.units:
            return _whole(value)
        for unit in self.units:
            if unit.family == family:
                exact = round(value * unit.factor / factor, 6)
                if family == "size":
                    return -int(-exact // 1)
                return (
                    round(exact)
                    if unit.factor >= INEXACT and field.type == "integer"
                    else _whole(exact)
                )
        return None


def _whole(value: float) -> float | int:
    return int(value) if value == int(value) else value


def amounts(atoms: Sequence[Atom], vocabulary: Vocabulary, text: str) -> list[Amount]:
    return list(_amounts(atoms, [atom.key for atom in atoms], vocabulary, text))


def _amounts(
    atoms: Sequence[Atom], words: Sequence[str], vocabulary: Vocabulary, text: str
) -> Iterator[Amount]:
    index = 0
    often = vocabulary.language.frequencies
    while index < len(atoms):
        if words[index] in often:
            units = vocabulary.units.longest([often[words[index]]], 0)[1]
            yield Amount(index, index, index + 1, 1.0, words[index], tuple(units))
        end, value = _number(atoms, index, vocabulary)
        if (
            value is None
            and words[index] in vocabulary.units.words
            and half(words, index + 1, vocabulary)
        ):
            end, value = index, 1.0  # "a timeout of minute and a half"
        elif value is None or end == index or _stands_for_a_thing(atoms, index):
            index += 1
            continue
        end, until = _until(atoms, index, end, vocabulary)
        last, units = _unit(atoms, words, end, vocabulary)
        last, value = and_a_half(atoms, last, value, vocabulary) if units else (last, value)
        written = text[atoms[index].start : atoms[max(end, index + 1) - 1].end]
        yield Amount(index, end, last, value, written, tuple(units), until)
        index = last


def _stands_for_a_thing(atoms: Sequence[Atom], index: int) -> bool:
    """ "the new one", "this one"."""
    return atoms[index].key == "one" and index > 0 and atoms[index - 1].key in POINTING


def _unit(
    atoms: Sequence[Atom], words: Sequence[str], start: int, vocabulary: Vocabulary
) -> tuple[int, list[Unit]]:
    if (
        start + 1 < len(atoms)
        and atoms[start + 1].kind == "number"
        and words[start] in vocabulary.language.roles["minimum"]
    ):
        return start, []  # "port 3000 min 3"
    if _names_more(words, start, vocabulary):
        return start, []
    if words[start : start + 1] == ["%"]:
        return start + 1, vocabulary.units.longest(["percent"], 0)[1]
    end, units = vocabulary.units.longest(words, start)
    if not units and start < len(atoms) and atoms[start].kind in {"word", "typo"}:
        right = (
            None if vocabulary.knows(words[start]) else misspelled_unit(atoms[start], vocabulary)
        )
        if right:
            return start + 1, vocabulary.units.longest([key(right)], 0)[1]
    return (end, units) if units else (start, [])


def _names_more(words: Sequence[str], start: int, vocabulary: Vocabulary) -> bool:
    """ "5 min tasks" are no minutes, and "3 s3 buckets" no seconds."""
    least = words[start : start + 1] and words[start] in vocabulary.language.roles["minimum"]
    kinds = {"type", "name"} if least else {"type"}
    return vocabulary.phrases.longest(words, start, lambda one: one.kind in kinds)[0] > start + 1


def _until(
    atoms: Sequence[Atom], start: int, end: int, vocabulary: Vocabulary
) -> tuple[int, float | None]:
    between = (
        start > 0
        and atoms[start - 1].key in BETWEEN
        and end < len(atoms)
        and atoms[end].key == "and"
    )
    if end < len(atoms) and (between or atoms[end].key in MARKS_OF_RANGE or atoms[end].key == "to"):
        last, value = _number(atoms, end + 1, vocabulary)
        if value is not None:
            return last, value
    return end, None


def _number(atoms: Sequence[Atom], start: int, vocabulary: Vocabulary) -> tuple[int, float | None]:
    if start >= len(atoms):
        return start, None
    atom = atoms[start]
    if atom.kind == "number":
        value = number(atom.key)
        if value is None:
            return start + 1, None
        return and_a_half(atoms, *_multiplied(atoms, start + 1, value, vocabulary), vocabulary)
    end, value = fraction(atoms, start, vocabulary)
    if value is not None:
        return end, value
    if (
        atom.key in ARTICLES
        and start + 1 < len(atoms)
        and _time_or_dozen(atoms, start + 1, vocabulary)
    ):
        return (
            (start + 1, 1.0)
            if atoms[start + 1].key in vocabulary.units.words
            else _number(atoms, start + 1, vocabulary)
        )
    return _in_words(atoms, start, vocabulary)


def _time_or_dozen(atoms: Sequence[Atom], index: int, vocabulary: Vocabulary) -> bool:
    """ "a week", "a terabyte", "a dozen"; but "a GB" is no amount that people write."""
    word = atoms[index].key
    if word == "second" and index + 1 < len(atoms) and atoms[index + 1].kind == "word":
        return False  # "a second zone"
    units = vocabulary.units.longest([word], 0)[1]
    return word in _COUNTING_NOUNS or any(
        len(word) > (2 if unit.family == "time" else 4) for unit in units
    )


def _in_words(
    atoms: Sequence[Atom], start: int, vocabulary: Vocabulary
) -> tuple[int, float | None]:
    numbers, total, index = vocabulary.language.numbers, None, start
    while index < len(atoms) and atoms[index].kind == "word" and atoms[index].key in numbers:
        value = numbers[atoms[index].key]
        if total is not None and not (total >= 20 and total % 10 == 0 and value < 10):
            break
        total = value if total is None else total + value
        index += 1
    if total is None:
        return (
            (start + 1, float(vocabulary.language.multipliers[atoms[start].key]))
            if _hundred(atoms, start)
            else (start, None)
        )
    return and_a_half(
        atoms, *_multiplied(atoms, *parts(atoms, index, total, vocabulary), vocabulary), vocabulary
    )


def _hundred(atoms: Sequence[Atom], start: int) -> bool:
    return atoms[start].key in _MULTIPLYING_NOUNS


def _multiplied(
    atoms: Sequence[Atom], index: int, value: float, vocabulary: Vocabulary
) -> tuple[int, float]:
    while (
        index < len(atoms)
        and atoms[index].kind == "word"
        and atoms[index].key in vocabulary.language.multipliers
    ):
        value = min(value * vocabulary.language.multipliers[atoms[index].key], LARGEST)
        index += 1
    return index, value

"""Numbers with their units: digits, words, ranges."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from provisioning.adapters.rules.tokens import Atom, number
from provisioning.adapters.rules.vocabulary import Vocabulary
from provisioning.catalog.format import Field_
from provisioning.catalog.language import Unit

MARKS_OF_RANGE = frozenset({"–", "-", "—", "~", "..", "..."})
# What one of a parameter's units is in megabytes, seconds or percent.
PARAMETER_UNITS = {
    "GB": ("size", 1024.0), "MB": ("size", 1.0), "days": ("time", 86400.0), "hours": ("time", 3600.0),
    "minutes": ("time", 60.0), "seconds": ("time", 1.0), "percent": ("share", 1.0),
}  # fmt: skip


class Amount(NamedTuple):
    """`unit` is the atom after the number, `units` the readings of its word ("m" is minutes or megabytes), empty without a
    unit. `until` is the upper end of a range."""

    first: int
    unit: int
    last: int
    value: float
    written: str
    units: tuple[Unit, ...] = ()
    until: float | None = None

    def in_unit_of(self, field: Field_, value: float) -> float | int | None:
        """None where the parameter counts something else. A size is rounded up to whole units, nothing else is rounded."""
        if not field.unit:
            return None if self.units else _whole(value)
        family, factor = PARAMETER_UNITS[field.unit]
        if not self.units:
            return _whole(value)
        for unit in self.units:
            if unit.family == family:
                exact = round(value * unit.factor / factor, 6)
                return -int(-exact // 1) if family == "size" else _whole(exact)
        return None


def _whole(value: float) -> float | int:
    return int(value) if value == int(value) else value


def amounts(atoms: Sequence[Atom], vocabulary: Vocabulary, text: str) -> list[Amount]:
    return list(_amounts(atoms, [atom.key for atom in atoms], vocabulary, text))


def _amounts(atoms: Sequence[Atom], words: Sequence[str], vocabulary: Vocabulary, text: str) -> Iterator[Amount]:
    index = 0
    while index < len(atoms):
        end, value = _number(atoms, index, vocabulary)
        if value is None or end == index:
            index += 1
            continue
        end, until = _until(atoms, end, vocabulary)
        last, units = _unit(atoms, words, end, vocabulary)
        yield Amount(index, end, last, value, text[atoms[index].start : atoms[end - 1].end], tuple(units), until)
        index = last


def _unit(atoms: Sequence[Atom], words: Sequence[str], start: int, vocabulary: Vocabulary) -> tuple[int, list[Unit]]:
    end, units = vocabulary.units.longest(words, start)
    if not units and start < len(atoms) and atoms[start].kind in {"word", "typo"}:
        swapped = _swapped_unit(words[start], vocabulary)
        if swapped:
            return start + 1, vocabulary.units.longest([swapped], 0)[1]
    return (end, units) if units else (start, [])


def _swapped_unit(word: str, vocabulary: Vocabulary) -> str | None:
    """ "45 dyas": two neighboring letters of a unit changed places."""
    if len(word) < 4 or vocabulary.knows(word):
        return None
    for index in range(len(word) - 1):
        turned = word[:index] + word[index + 1] + word[index] + word[index + 2 :]
        for candidate in (turned, turned.removesuffix("s")):
            if candidate in vocabulary.units.words:
                return candidate
    return None


def _until(atoms: Sequence[Atom], end: int, vocabulary: Vocabulary) -> tuple[int, float | None]:
    if end < len(atoms) and (atoms[end].key in MARKS_OF_RANGE or atoms[end].key == "to"):
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
        return _multiplied(atoms, start + 1, value, vocabulary) if value is not None else (start + 1, None)
    if atom.key in {"a", "an"} and start + 1 < len(atoms) and _time_or_dozen(atoms, start + 1, vocabulary):
        return (
            (start + 1, 1.0)
            if atoms[start + 1].key in vocabulary.units.words
            else _number(atoms, start + 1, vocabulary)
        )
    return _in_words(atoms, start, vocabulary)


def _time_or_dozen(atoms: Sequence[Atom], index: int, vocabulary: Vocabulary) -> bool:
    """ "a week", "a dozen"; but "a GB" is no amount that people write."""
    word = atoms[index].key
    units = vocabulary.units.longest([word], 0)[1]
    return word in {"dozen", "couple", "hundred", "thousand"} or (
        len(word) > 2 and any(u.family == "time" for u in units)
    )


def _in_words(atoms: Sequence[Atom], start: int, vocabulary: Vocabulary) -> tuple[int, float | None]:
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
    return _multiplied(atoms, index, total, vocabulary)


def _hundred(atoms: Sequence[Atom], start: int) -> bool:
    return atoms[start].key in {"hundred", "thousand"}


def _multiplied(atoms: Sequence[Atom], index: int, value: float, vocabulary: Vocabulary) -> tuple[int, float | None]:
    while index < len(atoms) and atoms[index].kind == "word" and atoms[index].key in vocabulary.language.multipliers:
        value *= vocabulary.language.multipliers[atoms[index].key]
        index += 1
    return index, value

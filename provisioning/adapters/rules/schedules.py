"""When something shall happen, as AWS writes it: "every 15 minutes", "weekdays at 7:30", "0 6 * * *"."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from provisioning.adapters.rules.grammar import grammar
from provisioning.adapters.rules.page import Claim, Page
from provisioning.catalog.language import Unit

HOUR, DAY = 3600.0, 86400.0
SPOKEN = grammar("o clock")
LASTING = grammar("lasting")  # how long as well: "rate 1h"
BEFORE_CLOCK = grammar("before a clock")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
_NAMES = "|".join(_DAYS[:-1])
_FIELD = rf"(?:(?:\*|\?|L|\d{{1,4}}|{_NAMES})(?:[-/,#](?:\d{{1,4}}|{_NAMES}))*)"
_CRON = re.compile(
    rf"(?<![\w*/])(?<!\w\()(?=[^\n]{{0,40}}[*?]){_FIELD}(?:[ \t]+{_FIELD}){{4,5}}(?![\w*/])",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?<![\w*/.,:-])\d{1,2}(?:[ \t]+\d{1,2}){4}(?![\w*/.,:-])")  # "15 4 1 1 2"
_INSIDE = re.compile(r"cron\((.*)\)", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})(?::(\d{2}))?\s?([ap]m)?", re.IGNORECASE)


class SpokenTime(NamedTuple):
    """A part of a schedule: which part, its value in cron's words, and its atoms (`last` exclusive)."""

    part: str
    value: str
    first: int
    last: int


def schedules(page: Page) -> Iterator[Claim]:
    """One claim for each parameter of that format. A time or a day alone is a schedule too: nothing else of a type has one."""
    places = [(owner, path) for owner in page.wanted.types for path, field in page.fields_of(owner)
              if field.format == "schedule"]  # fmt: skip
    if not places:
        return
    found = _written(page) or _rate(page) or _composed(page)
    for owner, path in places if found else ():
        expression, first, last = found  # type: ignore[misc]
        yield page.claim(owner, path, expression, (first, last))


def _written(page: Page) -> tuple[str, int, int] | None:
    match = _CRON.search(page.plain) or _DIGITS.search(page.plain)
    if match is None:
        return None
    starts = [atom.start for atom in page.atoms]
    first, last = bisect_left(starts, match.start()), bisect_left(starts, match.end())
    inside_another = any(
        atom.kind == "schedule" for atom in page.atoms
    )  # "cron(0 2 * * ? *)" is taken as it is
    return (
        None
        if inside_another or first == last
        else (_aws(match.group().upper().split()), first, last)
    )


def as_aws_writes(expression: str) -> str:
    """ "cron(0 3 * * *)" has the five fields of Unix."""
    match = _INSIDE.fullmatch(expression)
    fields = match[1].upper().split() if match else []
    return _aws(fields) if len(fields) == 5 else expression


def _aws(fields: list[str]) -> str:
    """Unix has five fields and counts Sunday as 0; AWS has a year, and a "?" in one of the two fields for days."""
    if len(fields) == 5:
        minute, hour, date, month, day = fields
        if day == "*":
            day = "?"
        else:
            date = "?" if date == "*" else date
            day = re.sub(r"\d", lambda number: _DAYS[int(number.group()) % 7], day)
        fields = [minute, hour, date, month, day, "*"]
    return f"cron({' '.join(fields)})"


def _rate(page: Page) -> tuple[str, int, int] | None:
    """ "every 15 minutes", "every hour"; weeks are days."""
    for said in _said(page, "every"):
        amount = page.amount_at(said.last)
        amount = amount if amount and amount.units else None
        value, units, last = (
            (amount.value, amount.units, amount.last) if amount else (1.0, *_unit(page, said.last))
        )
        seconds = next((value * unit.factor for unit in units if unit.family == "time"), 0)
        if seconds and (amount or seconds < DAY):
            for name, length in (("day", DAY), ("hour", HOUR), ("minute", 60.0)):
                if seconds % length == 0:
                    count = int(seconds // length)
                    return f"rate({count} {name}{'s' if count > 1 else ''})", said.first, last
    return None


def _unit(page: Page, index: int) -> tuple[tuple[Unit, ...], int]:
    end, units = page.vocabulary.units.longest(
        [atom.key for atom in page.atoms[index : index + 2]], 0
    )
    return tuple(units), index + end


def _composed(page: Page) -> tuple[str, int, int] | None:
    days, dates, daily = (list(_said(page, part)) for part in ("days", "dates", "daily"))
    times = list(_times(page))
    parts = [*days[:1], *dates[:1], *daily[:1], *times[:1]]
    if not parts:
        return None
    first, last = min(part.first for part in parts), max(part.last for part in parts)
    if not times and not days and not dates:
        return (daily[0].value, first, last) if daily[0].value else None
    time = times[0].value if times else page.vocabulary.language.schedules.usual
    date = dates[0].value if dates else "?" if days else "*"
    return f"cron({time} {date} * {days[0].value if days else '?'} *)", first, last


def _times(page: Page) -> Iterator[SpokenTime]:
    for index, atom in enumerate(page.atoms):
        after = page.atoms[index + 1].key if index + 1 < len(page.atoms) else ""
        before = page.atoms[index - 1].key if index else ""
        clock = after in SPOKEN and (after not in LASTING or index < 1 or before in BEFORE_CLOCK)
        spoken = atom.kind == "number" and atom.key.isdecimal() and (clock or before == "at")
        match = _TIME.fullmatch(atom.key) if atom.kind == "time" or spoken else None
        if match and int(match[1]) < 24:
            half = {"am": 0, "pm": 12}.get((match[3] or "").lower())
            hour = int(match[1]) if half is None else int(match[1]) % 12 + half
            yield SpokenTime(
                "times", f"{int(match[2] or 0)} {hour}", index, index + 1 + (after in SPOKEN)
            )
    yield from _said(page, "times")


def _said(page: Page, part: str) -> Iterator[SpokenTime]:
    words = [atom.key for atom in page.atoms]
    phrases = page.vocabulary.schedules[part]
    for index in range(len(words)):
        end, values = phrases.longest(words, index)
        if values and page.scope.clause[index] not in page.scope.aside:
            yield SpokenTime(part, values[0], index, end)

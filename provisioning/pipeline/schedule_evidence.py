"""Whether words say a schedule: "every 15 minutes", "weekdays at 7:30", "0 6 * * ? *"."""

import re

from provisioning.catalog import Catalog
from provisioning.catalog.language import language_of
from provisioning.catalog.quantities import quantities, vocabulary_of
from provisioning.catalog.spellings import longest
from provisioning.pipeline.passage import Passage

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_EXPRESSION = re.compile(r"[a-z]+\((.*)\)", re.DOTALL)
ANY = frozenset({"*", "?"})
NOON = 12


def says_schedule(catalog: Catalog, value: str, passage: Passage) -> bool:
    """The expression itself, the span of time that a rate is made of, or hour, minute and days of
    a cron expression."""
    whole = _EXPRESSION.fullmatch(value)
    if whole and whole[1].casefold() in passage.raw.casefold():
        return True
    rate, cron = _RATE.fullmatch(value), _CRON.fullmatch(value)
    if rate:
        return _says_rate(catalog, rate[1], rate[2], passage)
    return cron is not None and _says_cron(catalog, cron, passage)


def _says_rate(catalog: Catalog, number: str, unit: str, passage: Passage) -> bool:
    vocabulary = vocabulary_of(catalog.folders, catalog.digest)
    units = vocabulary.units.get(unit, ())
    said = quantities(passage.countable, vocabulary)
    if any(one.units == units and float(number) in one.values for one in said):
        return True
    every_one = any(vocabulary.units.get(key) == units for key in passage.keys)
    return number == "1" and every_one


def _says_cron(catalog: Catalog, cron: re.Match[str], passage: Passage) -> bool:
    language = language_of(catalog.folders, catalog.digest)
    minute, hour, days = cron[1], cron[2], cron[5]
    if language is None or not (minute.isdecimal() and hour.isdecimal()):
        return False
    if days not in ANY:
        said = longest(passage.keys, language.schedules.days)
        if said is None or said[0] != days:
            return False
    return _says_clock(int(hour), int(minute), passage)


def _says_clock(hour: int, minute: int, passage: Passage) -> bool:
    """ "5 pm" is 17; an hour alone has no minutes."""
    said = {int(key) for key in passage.keys if key.isdecimal()}
    if any("pm" in key for key in passage.keys):
        said |= {number + NOON for number in said if number < NOON}
    return hour in said and (minute in said or minute == 0)

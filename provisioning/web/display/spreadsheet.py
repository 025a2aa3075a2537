"""CSV that a spreadsheet opens without running any of it."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

# A cell that begins so is a formula to Excel, LibreOffice and Google Sheets.
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What the csv module writes to: it hands each line on."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A head line, then one line a row, as they come."""
    writer = csv.writer(_Line())
    yield writer.writerow(columns)
    for row in rows:
        yield writer.writerow([cell(row[column]) for column in columns])


def cell(value: object) -> str:
    """An apostrophe in front makes text of a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text

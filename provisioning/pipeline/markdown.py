"""GitHub's Markdown for text that people or a model wrote: always as code.

Code is where GitHub does nothing: no markup or HTML, no picture, no link, nobody mentioned, no issue referred to or closed
(https://github.github.com/gfm/#code-spans). Escaping alone would not do, for mentions are found after rendering.
"""

import re
from collections.abc import Iterable, Sequence

from provisioning.domain.invisible import hidden_kind

# A cell of a table with more is no table any more; the whole value stands in the files.
LONGEST_SPAN = 300
# Between the parts of a joined emoji. It hides nothing, and without it one picture would become several.
JOINER = "\u200d"


def code(text: object) -> str:
    """One line of code. Whitespace runs become one space; what is too long ends in an ellipsis; nothing shows as such."""
    line = " ".join(visible(str(text)).split())
    if not line:
        return "*(empty)*"
    if len(line) > LONGEST_SPAN:
        line = line[: LONGEST_SPAN - 1] + "…"
    # A run of as many ticks as the fence would end the code, and what follows would be Markdown.
    ticks = "`" * (1 + _longest_run(line))
    pad = " " if "`" in (line[0], line[-1]) else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fenced(text: str) -> str:
    """A block of code that keeps its lines."""
    clean = visible(text.replace("\r\n", "\n").replace("\r", "\n"))
    fence = "`" * max(3, 1 + _longest_run(clean))
    return f"{fence}text\n{clean}\n{fence}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines. A pipe ends a cell even inside code, unless it is escaped."""
    lines = [_row(heads), _row(["---"] * len(heads))]
    for row in rows:
        cells = [cell.replace("|", "\\|") for cell in row]
        lines.append(_row(cells))
    return lines


def visible(text: str) -> str:
    """Control characters and marks that hide or reorder text become �; line ends, tabs and joined emoji stay."""
    return "".join("�" if _hidden(c) else c for c in text)


def _hidden(character: str) -> bool:
    return character not in ("\n", "\t", JOINER) and bool(hidden_kind(character))


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

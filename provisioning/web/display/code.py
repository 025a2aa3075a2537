"""Files as colored lines. Whatever is in them, it leaves here escaped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import JsonLexer, TextLexer

from provisioning.web.display.hcl_lexer import HclLexer

FIRST = (
    "terraform.tfvars.json",
    "main.tf",
    "variables.tf",
    "outputs.tf",
)  # what a reviewer reads first
CARRIAGE_RETURN = "\N{SYMBOL FOR CARRIAGE RETURN}"  # Pygments would end the line there
# Highlighting takes a thread of the server for as long as the file is; the archive has the whole of it.
MOST_LINES = 2000
MOST_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class CodeFile:
    """`lines` are HTML; `shortened` says that there are more than are shown."""

    name: str
    lines: tuple[SafeString, ...]
    shortened: bool = False


def in_order(files: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(
        files.items(),
        key=lambda file: (FIRST.index(file[0]) if file[0] in FIRST else len(FIRST), file[0]),
    )


def code_file(name: str, text: str) -> CodeFile:
    lines = text.splitlines()
    shown = text[:MOST_CHARACTERS].splitlines()[:MOST_LINES]
    return CodeFile(name, colored_lines(name, shown), shortened=len(shown) < len(lines))


def colored_lines(name: str, lines: Sequence[str]) -> tuple[SafeString, ...]:
    """One for each line: Pygments closes and opens its spans at each end of a line."""
    if not lines:
        return ()
    text = "".join(line.replace("\r", CARRIAGE_RETURN) + "\n" for line in lines)
    html: str = highlight(text, _lexer(name), HtmlFormatter(nowrap=True))
    return tuple(mark_safe(line) for line in html.removesuffix("\n").split("\n"))  # noqa: S308  Pygments has escaped it


def _lexer(name: str) -> Lexer:
    if name.endswith((".tf", ".tfvars", ".hcl")):
        return HclLexer(stripnl=False)
    lexer: Lexer = (JsonLexer if name.endswith(".json") else TextLexer)(stripnl=False)
    return lexer

"""A text without its Markdown, at the same length: each place is still that of the original."""

import re

# Possessive (`*+`) where two runs of blanks may touch: else each division of a long run between them is tried.
_WHOLE_LINE_OFF = re.compile(
    r"[ \t]*+(?:```|~~~)[ \t]*+[\w+-]{0,20}[ \t]*+$"  # a fence
    r"|[ \t]*+(?:[-*+][ \t]++)?\[ \]"  # a box that nobody ticked
    r"|[ \t]*+\|?(?:[ \t]*+:?-{2,}:?[ \t]*+\|)+[ \t:-]*+$"  # the line below a table's head
)
_MARKS = re.compile(
    r"^[ \t>]{0,20}>"  # a quoted mail
    r"|^[ \t]{0,20}#{1,6}(?=[ \t])"
    r"|^[ \t]{0,20}(?:[-*+][ \t]+)?\[[xX]\]"
    r"|(?<![\w.+-])@[A-Za-z][\w-]{0,38}(?![\w.])"  # a person who is to be told
    r"|\*\*|~~|`+|(?<!\w)__|__(?!\w)"
    r"|\]\([^()\s]{1,300}\)|!?\[(?=[^\[\]\n]{1,200}\]\()"
)
SIGNATURE = 5  # words, of greeting and name
_ROW = re.compile(r"[ \t]*\|.*\||[^|\n]{1,80}\|[^|\n]{1,80}\|.*")
_PAIR_IN_BRACES = re.compile(r"\{[^{}]{0,2000}[:=]")
_APART = {",": "\n", '"': " ", "[": " ", "]": " "}
_LABELS = re.compile(r'(?m)^[ \t]{0,20}\w{1,20}(?:[ \t]{1,9}"[\w.-]{1,100}"){1,2}[ \t]{0,9}$')
_BLANK = re.compile(r"\S")


def plain(text: str, closings: frozenset[str] = frozenset()) -> str:
    """What is marked up is read, what marks it becomes blanks; a row of a table becomes a line of a form or a list."""
    lines = _without_signature(text.split("\n"), closings)
    read: list[str] = []
    in_table = False
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        row = _ROW.fullmatch(line) is not None
        head = row and not in_table and "-" in below and _WHOLE_LINE_OFF.match(below) is not None
        in_table = row
        if head or _WHOLE_LINE_OFF.match(line):
            read.append(_BLANK.sub(" ", line))
        else:
            read.append(_unmarked(_cells(line) if row else line))
    return _laid_out("\n".join(read))


def _without_signature(lines: list[str], closings: frozenset[str]) -> list[str]:
    """What stands behind "Best regards," on a line of its own is the writer, not a wish."""
    for place, line in enumerate(lines):
        words = line.strip(" ,.!-").casefold()
        written = words in closings or (
            words.partition(",")[0] in closings and _is_last(lines, place)
        )
        if written and any(before.strip() for before in lines[:place]):
            return lines[:place] + [_BLANK.sub(" ", rest) for rest in lines[place:]]
    return lines


def _is_last(lines: list[str], place: int) -> bool:
    """ "Cheers, Tom"."""
    return len(lines[place].split()) <= SIGNATURE and not any(map(str.strip, lines[place + 1 :]))


def _laid_out(text: str) -> str:
    """Between braces each pair gets a line: "{env: prod, name: x}". Labels in quotes before a brace are read as words."""
    if not _PAIR_IN_BRACES.search(text):
        return text
    characters = list(text)
    depth = 0
    for place, character in enumerate(characters):
        depth += (character == "{") - (character == "}")
        if character in "{}":
            characters[place] = "\n"
        elif depth > 0 and character in _APART:
            characters[place] = _APART[character]
    return _LABELS.sub(lambda labels: labels.group().replace('"', " "), "".join(characters))


def _cells(line: str) -> str:
    """ "| Engine | MySQL |" says "Engine: MySQL", and a longer row lists what one thing is."""
    inner = line.strip().strip("|").count("|")
    first = len(line) - len(line.lstrip()) if line.lstrip().startswith("|") else -1
    return "".join(
        character if character != "|" else " " if place == first else ":" if inner == 1 else ","
        for place, character in enumerate(line.rstrip("| \t").ljust(len(line)))
    )


def _unmarked(line: str) -> str:
    return _MARKS.sub(lambda mark: " " * len(mark.group()), line)

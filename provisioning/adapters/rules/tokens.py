"""A text as atoms: words, numbers, marks and things with a shape of their own, each with its place in the text."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_IDEOGRAPH = "\u3005-\u30ff\u3400-\u9fff\uff66-\uff9f"
_LETTER = rf"[^\W_{_IDEOGRAPH}]"
_LABEL = "[a-z0-9-]{1,63}"  # of a host name (RFC 1035); without a bound, each place of a long run would look through the rest
_GROUP = re.compile(
    rf"""
      (?P<schedule>\b(?:cron|rate|at)\([^()\n]{{1,80}}\))
    | (?P<arn>\barn:[\w:/*.+=,@-]*[\w/*+=@-])
    | (?P<url>\bhttps?://[^\s,;]*[^\s,;.!?:)\]"'])
    | (?P<image>\b{_LABEL}(?:\.{_LABEL}){{1,9}}(?::\d{{2,5}})?/[\w./-]+(?::\w[\w.-]*(?<=\w)|@sha256:[0-9a-f]{{64}}))
    | (?P<email>\b[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}})+)
    | (?P<network>\b\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?:/\d{{1,2}})?\b)
    | (?P<date>\b\d{{4}}-\d{{1,2}}-\d{{1,2}}\b|\b\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?\b|\b\d{{1,2}}\.\d{{1,2}}\.\d{{4}}\b)
    | (?P<time>\b\d{{1,2}}:\d{{2}}(?:\s?[ap]m\b)?|\b\d{{1,2}}\s?[ap]m\b)
    | (?P<reference>\#\d+|\b[A-Z]{{2,10}}-\d{{2,}}\b)
    | (?P<ordinal>\b\d{{1,3}}(?:st|nd|rd|th)\b)
    | (?P<range>(?<![\w.-])\d{{1,6}}(?:-|–|—|\.{{2,3}}|~)\d{{1,6}}(?![\d.-]))
    | (?P<path>(?<![^\s("'=:])/[A-Za-z](?:[\w./-]*[\w/-])?)
    | (?P<ideographs>[{_IDEOGRAPH}]+)
    | (?P<compound>{_LETTER}(?:{_LETTER}|(?<=\d),(?=\d)|[_.\-'’/&+](?={_LETTER}))*)
    | (?P<sign>[<>≥≤]=?(?=\s?\d))
    | (?P<mark>\n(?=[ \t]*[A-Za-z][\w -]{{0,30}}[:=])|->|→|=>|\.{{2,3}}|[^\s\w]|_)
    """,
    re.VERBOSE,
)
_ATOM = re.compile(r"[^\W\d_]+(?:'(?:t|s|re|ve|ll|d|m)(?![^\W_]))?|\d+(?:[.,]\d+)*")
# The last number that the catalog reads. 309 digits are infinity to Python, which is no number at all.
LARGEST = 1e15 - 1
_RANGE = re.compile(r"\d+|\D+")


class Atom(NamedTuple):
    """`key` is what vocabulary is compared with; atoms of one `group` stood together without a blank."""

    key: str
    start: int
    end: int
    group: int
    kind: str


def atoms(text: str) -> list[Atom]:
    found: list[Atom] = []
    for group, match in enumerate(_GROUP.finditer(text)):
        found.extend(_atoms_of(match, group))
    return found


def _atoms_of(match: re.Match[str], group: int) -> Iterator[Atom]:
    kind, start, word = str(match.lastgroup), match.start(), match.group()
    if kind == "compound":
        for part in _ATOM.finditer(word.replace("’", "'")):
            span = (start + part.start(), start + part.end())
            yield Atom(
                key(part.group()), *span, group, "number" if part.group()[0].isdecimal() else "word"
            )
    elif kind == "range":
        for part in _RANGE.finditer(word):
            is_number = part.group()[0].isdecimal()
            span = (start + part.start(), start + part.end())
            yield Atom(
                part.group() if is_number else "–", *span, group, "number" if is_number else "mark"
            )
    elif kind == "sign":
        yield Atom("above" if word[0] in ">≥" else "below", start, match.end(), group, "word")
    else:
        yield Atom(word, start, match.end(), group, kind)


@lru_cache(maxsize=20_000)
def key(word: str) -> str:
    """Lower case, without accents and without a plural or possessive s, so that both sides of a comparison agree."""
    plain = (word.lower() if word.isascii() else _without_accents(word)).removesuffix("'s")
    if len(plain) > 4 and plain.endswith("ies"):
        return plain[:-3] + "y"
    if len(plain) > 3 and plain.endswith("s") and plain[-2] not in "sui":
        return plain[:-1]
    return plain


def _without_accents(word: str) -> str:
    return "".join(
        c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c)
    )


@lru_cache(maxsize=50_000)
def keys(phrase: str) -> tuple[str, ...]:
    """The same for a phrase of the vocabulary; marks do not count."""
    if phrase.isascii() and phrase.replace(" ", "").isalpha():
        return tuple(key(word) for word in phrase.split())
    return tuple(atom.key for atom in atoms(phrase) if atom.kind != "mark")


def number(digits: str) -> float | None:
    """ "1,200" and "1.200,5" and "1,5" and "1.5"; None for a version such as "8.0.46"."""
    plain = _plain_digits(digits)
    return None if plain is None else min(float(plain), LARGEST)


def _plain_digits(digits: str) -> str | None:
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", digits):
        return digits.replace(",", "")
    if re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}", digits):
        return digits.replace(".", "").replace(",", ".")
    if re.fullmatch(r"\d+([.,]\d+)?", digits):
        return digits.replace(",", ".")
    return None

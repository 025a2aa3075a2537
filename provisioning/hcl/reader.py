"""Terraform code → its tree. The grammar is the one of https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md, read
strictly: what this reader is not sure about, it refuses."""

import re
from collections.abc import Iterator
from functools import lru_cache

from provisioning.hcl.tree import Attribute, Block, Comment, HclSyntaxError

# Python would end deeper files with an error of its own; no template comes near.
MAX_DEPTH = 40

_TOKEN = re.compile(
    r"""(?P<blank>[ \t]+)
    |(?P<newline>\r?\n)
    |(?P<comment>(?:\#|//)[^\n]*|/\*.*?\*/)
    |(?P<heredoc><<-?(?P<marker>[^\W\d][\w-]*)\r?\n)
    |(?P<word>[^\W\d][\w-]*)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)
    |(?P<quote>")
    |(?P<symbol>\.\.\.|==|!=|<=|>=|&&|\|\||=>|[-+*/%<>!?:=.,()\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
# "$${" is a dollar sign and a brace; only "${" and "%{" begin what Terraform would work out.
_ESCAPED = r"(?:\$\$|%%)\{|[$%](?!\{)"
_QUOTED = re.compile(
    rf'(?:[^"\\$%\r\n]|\\(?:[nrt"\\]|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{8}})|{_ESCAPED})*'
)
_HEREDOC_LINE = re.compile(rf"(?:[^$%\n]|{_ESCAPED})*")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@lru_cache(maxsize=512)
def parse(text: str) -> Block:
    """The file as one block without type and labels; a string without interpolation is one token. Raises `HclSyntaxError`."""
    return Block("", (), tuple(_Reader(text).body(end="")))


class _Reader:
    """One pass over the text. `position` stands after the last token that was taken."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.depth = 0

    def body(self, end: str) -> Iterator[Block | Attribute | Comment]:
        """Until `end`: "}" for a block's body, "" for the file's."""
        while True:
            kind, word = self.next_token()
            if kind == "comment":
                yield Comment(word)
            elif kind == "word":
                yield self.item(word)
            elif word == end and kind in {"symbol", "end"}:
                return
            elif kind != "newline":
                raise self.wrong(
                    f"{word or 'the end'!r} where a block or an attribute should begin"
                )

    def item(self, name: str) -> Block | Attribute:
        labels: list[str] = []
        while True:
            kind, word = self.next_token()
            # `a "b" = 1` is no attribute: what has a label is a block.
            if word == "=" and not labels:
                return self.attribute(name)
            if word == "{" and kind == "symbol":
                return self.block(name, tuple(labels))
            if kind == "quote":
                labels.append(self.label())
            elif kind == "word":
                labels.append(word)
            else:
                raise self.wrong(f"{word or 'the end'!r} after {name!r}")

    def attribute(self, name: str) -> Attribute:
        expression = tuple(self.expression())
        if not expression:
            raise self.wrong(f"{name!r} has no value")
        return Attribute(name, expression)

    def block(self, name: str, labels: tuple[str, ...]) -> Block:
        self.deeper()
        body = tuple(self.body(end="}"))
        self.depth -= 1
        end = self.position
        kind, word = self.next_token()
        # Terraform wants a line's end there; what follows on the same line might be read as belonging to either.
        if kind in {"word", "number", "quote"}:
            raise self.wrong(f"{word!r} after the end of a block")
        self.position = end
        return Block(name, labels, body)

    def label(self) -> str:
        start = self.position
        # Terraform refuses it too, and a label that is worked out would hide what the block is.
        if list(self.template(_QUOTED, '"')):
            raise self.wrong("an interpolation in a block's label")
        return self.text[start : self.position - 1]

    def expression(self) -> Iterator[str]:
        """The tokens up to the end of the line; inside brackets a line's end does not count, inside braces it parts items."""
        open_brackets: list[str] = []
        while True:
            start = self.position
            kind, word = self.next_token()
            if not open_brackets and (
                kind in {"newline", "end"} or (kind, word) == ("symbol", "}")
            ):
                self.position = start
                return
            if kind == "end":
                raise self.wrong(f"{open_brackets[-1]!r} is missing")
            if kind == "symbol":
                self.nest(word, open_brackets)
            if kind == "newline":
                # Line ends part the items of an object and mean nothing in a list or a call.
                if open_brackets[-1] == "}":
                    yield "\n"
            else:
                yield from self.term(kind, word)

    def nest(self, symbol: str, open_brackets: list[str]) -> None:
        if symbol in _CLOSING:
            open_brackets.append(_CLOSING[symbol])
        elif symbol in _CLOSING.values() and (not open_brackets or open_brackets.pop() != symbol):
            raise self.wrong(f"{symbol!r} closes nothing")

    def term(self, kind: str, word: str) -> Iterator[str]:
        if kind == "quote":
            yield from self.string()
        elif kind == "heredoc":
            yield from self.heredoc(word)
        else:
            yield word

    def string(self) -> Iterator[str]:
        start = self.position - 1
        inner = list(self.template(_QUOTED, '"'))
        yield from ('"', *inner, '"') if inner else (self.text[start : self.position],)

    def template(self, piece: re.Pattern[str], end: str) -> Iterator[str]:
        """The interpolations of a string up to its end; its literal parts are dropped."""
        while True:
            matched = piece.match(self.text, self.position)
            self.position = matched.end() if matched else self.position
            ahead = self.text[self.position : self.position + 2]
            if ahead[: len(end)] == end and ahead:
                self.position += len(end)
                return
            if ahead not in {"${", "%{"}:
                raise self.wrong(f"{ahead[:1] or 'the end'!r} in a string")
            yield ahead
            self.position += 2
            yield from self.interpolation()

    def interpolation(self) -> Iterator[str]:
        self.deeper()
        open_brackets = ["}"]
        while open_brackets:
            kind, word = self.next_token()
            if kind == "end":
                raise self.wrong("an interpolation does not end")
            if kind == "symbol":
                self.nest(word, open_brackets)
            if kind != "newline":
                yield from self.term(kind, word)
        self.depth -= 1

    def heredoc(self, opening: str) -> Iterator[str]:
        """Line by line up to the marker on a line of its own."""
        marker = opening.strip().lstrip("<-")
        # One token for all heredocs: what stands in it is text, whatever its marker is called.
        yield "<<"
        while True:
            line_end = self.text.find("\n", self.position)
            if line_end < 0:
                raise self.wrong(f"{marker!r} is missing")
            if self.text[self.position : line_end].strip() == marker:
                self.position = line_end
                return
            yield from self.template(_HEREDOC_LINE, "\n")

    def next_token(self) -> tuple[str, str]:
        """The next token's kind and text; blanks are skipped."""
        matched = _TOKEN.match(self.text, self.position)
        if matched is not None and matched.lastgroup == "blank":
            self.position = matched.end()
            matched = _TOKEN.match(self.text, self.position)
        if matched is None:
            if self.position == len(self.text):
                return "end", ""
            raise self.wrong(f"{self.text[self.position]!r} begins nothing")
        self.position = matched.end()
        return _kind(matched), matched[0]

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.wrong(f"nested more than {MAX_DEPTH} deep")

    def wrong(self, reason: str) -> HclSyntaxError:
        line = self.text.count("\n", 0, self.position) + 1
        return HclSyntaxError(f"line {line}: {reason}")


def _kind(matched: re.Match[str]) -> str:
    return "heredoc" if matched["heredoc"] else str(matched.lastgroup)

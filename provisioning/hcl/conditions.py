"""The conditions of `variables.tf`, as far as the portal writes them: comparisons, lists of allowed values, patterns, lengths.

Only what checks a value is here; a condition with anything else is left to Terraform itself.
"""

import json
import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

Values = Mapping[str, Any]
Term = Callable[[Values], Any]

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_CONSTANTS = {"null": None, "true": True, "false": False}
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "contains": lambda items, item: item in items,
    "length": len,
    # Terraform's are RE2: what the portal writes means the same to Python.
    "regex": lambda pattern, text: _found(re.search(pattern, text)),
}


class UnsupportedConditionError(ValueError):
    """The condition is of another kind."""


def condition_is_true(condition: tuple[str, ...], values: Values) -> bool:
    """Raises `UnsupportedConditionError`."""
    # Null is no answer, as in Terraform.
    return _compiled(condition)(values) is True


@lru_cache(maxsize=1024)
def _compiled(condition: tuple[str, ...]) -> Term:
    words = [word for word in condition if word != "\n"]
    try:
        term = _choice(words)
    except IndexError as error:
        raise UnsupportedConditionError(" ".join(condition)) from error
    # What is left over was not understood, so the whole condition was not.
    if words:
        raise UnsupportedConditionError(" ".join(condition))
    return term


def _choice(words: list[str]) -> Term:
    test = _either(words)
    if not _taken(words, "?"):
        return test
    yes = _choice(words)
    _expect(words, ":")
    no = _choice(words)
    return lambda values: yes(values) if test(values) else no(values)


def _either(words: list[str]) -> Term:
    left = _both(words)
    while _taken(words, "||"):
        left = _joined(left, _both(words), any)
    return left


def _both(words: list[str]) -> Term:
    left = _comparison(words)
    while _taken(words, "&&"):
        left = _joined(left, _comparison(words), all)
    return left


def _joined(left: Term, right: Term, how: Callable[[Any], bool]) -> Term:
    """Both sides are looked at, as Terraform before 1.12 does."""
    return lambda values: how([left(values), right(values)])


def _comparison(words: list[str]) -> Term:
    left = _plain(words)
    if not words or words[0] not in _COMPARE:
        return left
    compare, right = _COMPARE[words.pop(0)], _plain(words)
    return lambda values: compare(left(values), right(values))


def _plain(words: list[str]) -> Term:
    word = words.pop(0)
    if word == "!":
        inner = _plain(words)
        return lambda values: not inner(values)
    if word in {"(", "["}:
        return _bracket(word, words)
    if word == "var":
        _expect(words, ".")
        name = words.pop(0)
        return lambda values: values.get(name)
    if _taken(words, "("):
        return _call(word, _items(words, ")"))
    return _constant(word)


def _bracket(opening: str, words: list[str]) -> Term:
    items = _items(words, ")" if opening == "(" else "]")
    if opening == "[":
        return lambda values: [item(values) for item in items]
    return items[0]


def _items(words: list[str], end: str) -> list[Term]:
    items: list[Term] = []
    while not _taken(words, end):
        items.append(_choice(words))
        _taken(words, ",")
    return items


def _call(name: str, arguments: list[Term]) -> Term:
    if name == "can":
        return lambda values: _can(arguments[0], values)
    if name not in _FUNCTIONS:
        raise UnsupportedConditionError(f"{name}()")
    function = _FUNCTIONS[name]
    return lambda values: function(*(argument(values) for argument in arguments))


def _found(match: re.Match[str] | None) -> str:
    if match is None:
        raise TypeError("regex() found nothing")
    return match[0]


def _can(term: Term, values: Values) -> bool:
    try:
        term(values)
    except TypeError:
        return False
    return True


def _constant(word: str) -> Term:
    if word in _CONSTANTS:
        value: Any = _CONSTANTS[word]
    elif word[0] == '"' and len(word) > 1:
        # HCL's strings are JSON's but for the doubled signs that keep a template from beginning.
        value = json.loads(word).replace("$${", "${").replace("%%{", "%{")
    elif word[0].isdigit():
        value = float(word)
    else:
        raise UnsupportedConditionError(word)
    return lambda _values: value


def _taken(words: list[str], word: str) -> bool:
    found = words[:1] == [word]
    if found:
        words.pop(0)
    return found


def _expect(words: list[str], word: str) -> None:
    if not _taken(words, word):
        raise UnsupportedConditionError(f"{word!r} is missing")

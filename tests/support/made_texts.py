"""Texts that no person writes: one character, pair or word over and over, up to a length."""

import random
from itertools import product

CHARACTERS = [
    *"aexs013.,;:!?-_/\\'\"`()[]{}<>|#*+=&%$@~^ \n\t的日あカé中ßñ€\u200d\u0301",
    "x ",
    "1 ",
]
WORDS = (
    "a", "an", "the", "and", "or", "no", "not", "for", "in", "on", "to", "of", "is", "are", "was", "it", "we",
    "need", "want", "prod", "dev", "staging", "queue", "bucket", "postgres", "database", "lambda", "redis", "eks",
    "3", "10", "100", "5x", "gb", "mb", "days", "minutes", "called", "named", "app", "service", "table", "key",
    "name", "min", "max", "if", "please", "delete", "drop", "old", "existing", "our", "already", "from", "with",
    "without", "instead", "then", "both", "each", "all", "stage", "live", "test", "half", "dozen",
)  # fmt: skip
# What has once been slow: a pattern looked through the rest of the text from each place.
SLOW_ONCE = (
    "a--", "s3 named s3 ", "key. ", "```\t", "|\t", "|:-", "- [ ", "«a» ", "_a_", "a<1", "a.", "a-a.", "s3 and ", "cron(", "eyJ.",
    "A1-", "curl -u a", "ﷺ ", "\u200ba", "{a:", '"a', "](", "![a", "@a-", "1:1", "a/a.", "# ", "> ", "999,", "arn:",
)  # fmt: skip
LEADS = ("", "```", "| a |\n", "- [ ] ", "x ")
BEHIND = (" ", "-", ", ", ": ", "\n", ". ")


def made_texts(length: int, count: int = 500) -> list[str]:
    """The same for the same length and count, so that two lengths can be compared text by text."""
    chance = random.Random(count)
    units = [*CHARACTERS, *(word + behind for word in WORDS for behind in BEHIND)]
    while len(units) < count - count // 5:
        units.append(chance.choice(CHARACTERS) + chance.choice(CHARACTERS))
    while len(units) < count:
        several = (chance.choice(WORDS) for _ in range(chance.randint(2, 9)))
        units.append(" ".join(several) + chance.choice(BEHIND))
    return [(unit * length)[:length] for unit in units[:count]]


def nasty_texts(length: int) -> list[str]:
    """Each of what was slow once, behind each lead."""
    pairs = product(LEADS, SLOW_ONCE)
    return [(lead + unit * length)[: length - 1] + "!" for lead, unit in pairs]

"""Texts that no person writes: one character, pair or word over and over, up to a length."""

import random

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

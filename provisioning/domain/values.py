from dataclasses import dataclass
from typing import Literal

Scalar = str | int | float | bool
ParameterValue = Scalar | tuple[str, ...] | None
OriginKind = Literal["text", "field", "answer", "edit", "inferred", "policy", "default"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value comes from. `detail` is the quoted words, the field's, question's or policy's
    name, or which default; `start` and `end` are the span of the quoted words in the request's text.

    "edit" is a control of the preview that somebody set, its `detail` who.
    "text" means that the words say the value itself, "inferred" that a parser concluded it from
    words which do not ("survives a zone's failure"); both quote them."""

    kind: OriginKind
    detail: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Value:
    value: ParameterValue
    origin: Origin

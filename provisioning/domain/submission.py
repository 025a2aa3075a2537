"""What a person sends, and what is asked back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# The id of the question whether the reading is right; no parameter can have it, for those have a dot.
CONFIRM = "confirm"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Submission:
    """What a person sends. `environment`, `team` and `service` are fields and win over the text; `answers` maps a
    question's id to the answer given to it; `follow_up_of` is the id of the request that asked."""

    text: str
    requester: str
    team: str = ""
    service: str = ""
    environment: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    follow_up_of: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """`id` is what an answer refers to: "resource_type", "environment", "application",
    "<type>.<parameter path>", or `CONFIRM` for "is this what you mean?"."""

    id: str
    text: str
    choices: tuple[str, ...] = ()
    recommended: str | None = None

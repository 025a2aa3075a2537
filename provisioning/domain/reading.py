"""What a parser claims; nothing of it is trusted before `pipeline.understand` has checked it."""

from dataclasses import dataclass
from typing import Literal

from provisioning.domain.submission import Question
from provisioning.domain.values import ParameterValue

Outcome = Literal["ok", "clarify", "reject"]


@dataclass(frozen=True, slots=True)
class ReadValue:
    """`name` is a parameter path of the catalog ("engine", "node_groups[0].desired_size"); `quote`
    the words of the text that say so, verbatim; `rule` names the embedded parser's rule that
    proposed it and is empty for a model."""

    name: str
    value: ParameterValue
    quote: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class ReadResource:
    """`count` of them alike, because of the words `count_quote`. Resources that differ, be it by
    name only, are entries of their own with a count of one."""

    type: str
    parameters: tuple[ReadValue, ...] = ()
    application: str = ""
    environment: str | None = None
    environment_quote: str = ""
    count: int = 1
    count_quote: str = ""


@dataclass(frozen=True, slots=True)
class Unmet:
    """What the text asks for and nothing will fulfil: its words, and why in one sentence."""

    quote: str
    why: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What one understanding cost. `cost_usd` is an estimate from the prices in the settings."""

    model: str = ""
    service_request_id: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float = 0.0
    calls: int = 0


NOTHING_SPENT = Usage()


@dataclass(frozen=True, slots=True)
class Reading:
    """`confirm` says, in a sentence, why the requester has to confirm an `ok` reading before it is
    used; empty where the parser is certain. `reason` explains any outcome. `notes` are sentences
    for the requester. `answer` is what the parser said, in its own form, for its second try."""

    outcome: Outcome
    resources: tuple[ReadResource, ...] = ()
    questions: tuple[Question, ...] = ()
    reason: str = ""
    parser: str = ""
    usage: Usage = NOTHING_SPENT
    notes: tuple[str, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    confirm: str = ""
    answer: str = ""

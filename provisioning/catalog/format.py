"""The format of a resource type's `resource.toml`: JSON Schema's words, closed operators, no expression language.
`docs/extending.md` explains each key to the people who write them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]
NAME = r"^[a-z][a-z0-9_]{0,62}$"
Name = Annotated[str, StringConstraints(pattern=NAME)]
Login = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")
]  # of a user, or a team's slug
Plain = bool | int | float | str
Default = Plain | list[str] | list[dict[str, Plain]]


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FieldSpec(Table):
    """A parameter, or a field of a list's items.

    `structure` marks what may decide which blocks exist; only booleans, enumerations and bounded integers may be that.
    `allowed` names a list of `allowed.json` ("rds.engine_version.{engine}": another parameter's value may stand in braces).
    `setting` takes the value from the environment's `settings` in `platform.toml`.
    `allocated = "network"` gives each resource a range of its own from the environment's `networks` in `platform.toml`.
    `refers = "network"` is the name of a network that the portal made.
    `format` is a shape that no pattern can say: `ipv4_network` has no host bits ("10.0.0.0/16", not "10.0.0.1/16");
    `schedule` is AWS's rate, cron or at expression, which people say in words ("weekdays at 7:30").
    `multiline` is text of several lines (a script); `max_length` then counts its bytes.
    """

    title: Word
    description: str = ""
    type: Literal["string", "integer", "number", "boolean"]
    default: Plain | None = None
    required: bool = False
    question: str = ""
    recommended: Plain | None = None
    enum: list[Plain] = []
    allowed: str = ""
    minimum: float | None = None
    maximum: float | None = None
    multiple_of: int | None = None
    pattern: str = ""
    pattern_hint: str = ""
    format: Literal["", "ipv4_network", "schedule"] = ""
    min_length: int = 0
    max_length: int = 256
    multiline: bool = False
    unit: Literal["", "GB", "MB", "days", "hours", "minutes", "seconds", "percent"] = ""
    structure: bool = False
    setting: str = ""
    allocated: Literal["", "network"] = ""
    refers: Literal["", "network"] = ""
    synonyms: list[Word] = []
    values: dict[str, list[Word]] = {}
    refused: dict[str, list[Word]] = {}
    refused_reason: str = ""
    names_type: bool = False


class Parameter(FieldSpec):
    """Also a list: `type = "array"` with either plain `items` ("string") or a table of fields per item."""

    type: Literal["string", "integer", "number", "boolean", "array"]  # type: ignore[assignment]
    default: Default | None = None  # type: ignore[assignment]
    items: Literal["string"] | dict[Name, FieldSpec] | None = None
    max_items: int = 20
    unique_by: str = ""


class Policy(Table):
    """A value that breaks it and that the requester asked for is refused by name; a default never breaks one (checked at
    start-up). `when` maps "environment" or a parameter to the value that it must have for the policy to hold, to a list of such
    values, or to "*": any value at all. `said` has no value: where a model only concluded the
    parameter from the text, it is asked."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    parameter: str
    operator: Literal["minimum", "maximum", "equals", "one_of", "not_one_of", "said"]
    value: Plain | list[Plain] = True
    when: dict[str, Plain | list[Plain]] = {}
    message: Word


class Relation(Table):
    """`at_most`: left * times + plus <= right; a default gives way to a stated value, two stated values that disagree are
    refused.
    `pairs`: the right value must be in the left value's list. (Where allowed.json has the lists, the right parameter says
    `allowed = "list.{left}"` instead.)
    `requires`: when `when` holds (and `left`, if named, has a value), `parameters` (or `right`) must have a value.
    `excludes`: when `when` holds, they must have none."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    operator: Literal["at_most", "pairs", "requires", "excludes"]
    left: str = ""
    right: str = ""
    times: float = 1
    plus: float = 0
    parameters: list[str] = []
    when: dict[str, Plain | list[Plain]] = {}
    pairs: dict[str, list[Plain]] = {}
    message: Word


class Beside(Table):
    """What a `type` of the same application in the same request asks of this one: `parameter` must not be below what the other's
    `needs` is, and as a default it is `times` as much."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    type: Name
    needs: str
    parameter: str
    times: float = 1
    message: Word


class ConditionalDefault(Table):
    """Defaults that hold when other parameters (or "environment") have these values; later ones win over earlier ones and
    over `[defaults.<environment>]`."""

    when: dict[str, Plain | list[Plain]]
    set: dict[str, Default]


class Example(Table):
    """A few-shot line, a golden test and documentation at once: only what the text itself says."""

    text: Word
    environment: str | None = None
    application: str = ""
    parameters: dict[str, Plain | list[str]] = {}


Address = Annotated[str, StringConstraints(pattern=r"^aws_[a-z0-9_]+\.[a-z0-9_]+$")]


class OptOut(Table):
    """A checkov rule that this type does not follow, and why. The code says it in `resources` ("aws_s3_bucket.this"), in all
    environments or in those that stand here. `whole_repository` marks a rule that looks at what else
    there is, or at a value that somebody may state, so that it may hold where a type stands alone with its defaults."""

    rule: Annotated[str, StringConstraints(pattern=r"^CKV2?_[A-Z]+_\d+$")]
    reason: Annotated[str, StringConstraints(pattern=r"^[ -~]{1,200}$")]
    resources: Annotated[list[Address], Field(min_length=1)]
    environments: list[str] = []
    whole_repository: bool = False


class EmulatorException(Table):
    """What the emulator cannot do of this type, and why. It changes the proof only, never what a request gets. Either
    `parameters`, which the proof asks for, or a `resource` ("aws_sns_topic.this") and one of: `set` gives it other arguments,
    `omit` leaves it out (with `set` for those that refer to what is left out as well), `differs` are arguments that come back
    with another value, `stays` does not destroy it."""

    reason: Word
    parameters: dict[Name, Plain | list[str]] = {}
    resource: Annotated[str, StringConstraints(pattern=r"^(aws_[a-z0-9_]+\.[a-z0-9_]+)?$")] = ""
    omit: bool = False
    set: dict[Name, Plain] = {}
    differs: list[
        Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+(\[\d+\]\.[a-z0-9_]+)*$")]
    ] = []
    stays: bool = False


class PullRequestOptions(Table):
    """What the pull request of a resource type or an environment gets beside what the settings say; `draft` wins."""

    labels: list[Annotated[str, StringConstraints(pattern=r"^[^,\s][^,\n]{0,48}$")]] = []
    reviewers: list[Login] = []
    team_reviewers: list[Login] = []
    draft: bool = False


class ResourceFile(Table):
    """`resource.toml`. The folder's name is the type.

    `suffix` ends the resource's name ("logs" → "logs-bucket"); `branch_word` is a parameter whose value stands for the type
    in the branch's name; `named_by` is a
    parameter whose value names the resource where the text gives no other name; without any name it is asked for in
    production, unless `name_optional`, and else the resource is called `fallback_name`. `shared` are parameters that
    `platform.toml` describes once for all types; `common_name` says that the folder's name is an everyday word, which
    names no type by itself ("backup"); `synonyms` are words that name the type, `weak_synonyms` those that only hint
    at it, `parts` what lives inside one and is not made by itself ("topic" of a Kafka cluster).
    """

    title: Word
    summary: Word
    group: Word
    suffix: str = ""
    branch_word: str = ""
    named_by: str = ""
    common_name: bool = False
    name_optional: bool = False
    fallback_name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,30}$")] = "main"
    aws_name: str = ""
    aws_name_pattern: str = r"^[a-z][a-z0-9-]*$"
    aws_name_max: int = 63
    synonyms: list[Word] = []
    weak_synonyms: list[Word] = []
    parts: list[Word] = []
    not_offered: dict[str, str] = {}
    shared: list[Name] = []
    parameters: dict[Name, Parameter] = {}
    defaults: dict[str, dict[str, Default]] = {}
    conditional_defaults: list[ConditionalDefault] = []
    policy: list[Policy] = []
    relation: list[Relation] = []
    beside: list[Beside] = []
    examples: Annotated[list[Example], Field(min_length=1)]
    opt_outs: list[OptOut] = []
    emulator: list[EmulatorException] = []
    review: list[Word] = []
    pull_request: PullRequestOptions = PullRequestOptions()

"""The format of `_common/platform.toml`."""

from ipaddress import IPv4Network
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from provisioning.catalog.format import Name, Parameter, PullRequestOptions, Table, Word

Setting = str | list[str] | bool | int | None


class Networks(Table):
    """What new networks of an environment are given: pieces of `/size` of `ranges`, none of them twice."""

    ranges: Annotated[list[Word], Field(min_length=1)]
    size: Annotated[int, Field(ge=16, le=24)] = 16

    @field_validator("ranges")
    @classmethod
    def _each_a_network(cls, ranges: list[str]) -> list[str]:
        for one in ranges:
            IPv4Network(one)
        return ranges

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        for one in self.ranges:
            if IPv4Network(one).prefixlen > self.size:
                raise ValueError(f"{one} is smaller than the /{self.size} that a network gets")
        return self


class State(Table):
    """Where Terraform keeps what it made; `prefix` begins each key in the bucket ("prod/")."""

    bucket: Word
    region: Word
    prefix: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_-]+/)*$")] = ""


class Environment(Table):
    """`settings` are the platform's own facts per environment (an administrator role) that parameters refer to by name;
    `regions` holds those that differ by region (network ids, key ARNs). A parameter whose setting a region lacks has no
    value there; a relation `requires` says so to the requester. In `production` nobody merges their own request.
    `networks` is what new networks are given, `state` a place of its
    own instead of the platform's. `inferred = false` asks for what a model would only conclude from the text."""

    title: Word
    spellings: list[Word]
    production: bool = False
    pull_request: PullRequestOptions = PullRequestOptions()
    inferred: bool = True
    networks: Networks | None = None
    state: State | None = None
    settings: dict[str, Setting] = Field({})
    regions: dict[str, dict[str, Setting]] = Field({})

    def in_region(self, region: object) -> dict[str, Setting]:
        return {**self.settings, **self.regions.get(str(region), {})}


class Allow(Table):
    """Who may ask for what. Without any entry everybody may ask for everything; with one, what no entry names is refused.
    "*" means every team, type or environment."""

    team: Word
    types: list[Word] = Field(default=["*"])
    environments: list[Word] = Field(default=["*"])


class Tag(Table):
    """Exactly one of the two: a fixed value, or where it comes from."""

    value: str = ""
    source: Literal["", "environment", "application", "name", "team", "service", "requester"] = ""
    default: str = ""


class PlatformFile(Table):
    """`_common/platform.toml`: what is the same for every type. Each type has all `parameters`, and those of `shared` that its
    `resource.toml` names."""

    organization: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,20}$")]
    default_environment: str
    aws_name: Word
    directory: Word
    branch: Word
    state: State
    terraform_version: Word
    provider_version: Word
    environments: dict[Name, Environment]
    tags: dict[str, Tag]
    allow: list[Allow] = Field([])
    parameters: dict[Name, Parameter] = Field({})
    shared: dict[Name, Parameter] = Field({})

    def state_of(self, environment: str) -> State:
        return self.environments[environment].state or self.state

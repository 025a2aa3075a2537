"""What went wrong: one shape for every status. `detail` is the published contract's, the rest stands beside it."""

from typing import Literal, cast

from ninja import Schema
from pydantic import Field, JsonValue

from provisioning.api.errors import every_code
from provisioning.api.schemas.requirements import QuestionOut

Place = Literal["body", "query", "path", "header"]


class FieldProblem(Schema):
    field: str = Field(
        description="Name that the caller used; a path with dots inside of a body",
        examples=["request"],
    )
    place: Place = Field(description="Part of the call that the field is in", examples=["body"])
    code: str = Field(description="What kind of mistake it is", examples=["missing"])
    message: str = Field(description="The mistake, in a sentence", examples=["Field required"])


class ErrorShape(Schema):
    error_code: str = Field(
        "internal_error",
        description="What went wrong, for programs; a code never changes its meaning",
        examples=["not_found"],
        json_schema_extra={"enum": cast(list[JsonValue], every_code())},
    )
    message: str = Field(
        "",
        description="What went wrong, in a sentence for people",
        examples=["Request req-a1b2c3d4e5f6 not found"],
    )
    hint: str = Field(
        "",
        description="What to do about it",
        examples=["Check the id and whose it is; /docs lists the addresses."],
    )
    fields: list[FieldProblem] = Field(
        [], description="Every field that cannot be used; empty where no field is to blame"
    )
    retryable: bool = Field(
        False, description="Whether the same call may succeed later", examples=[False]
    )
    retry_after: int | None = Field(
        None,
        description="Seconds to wait before, as in the header Retry-After, which proxies drop",
        examples=[5],
    )
    questions: list[QuestionOut] = Field(
        [], description="What to answer, where `error_code` is `needs_clarification`"
    )
    call_id: str = Field(
        "",
        description="Id of this call, as in the header X-Request-ID: the platform team finds it in the log",
        examples=["4f1c9a52e0b84d0f9d7a4c1f1f0a2b3c"],
    )


class Problem(ErrorShape):
    detail: str = Field(
        description="What is wrong and what to do, in a sentence",
        examples=["Request req-a1b2c3d4e5f6 not found"],
    )


class InvalidField(Schema):
    """The shape of FastAPI, whose clients the API was first published for."""

    type: str = Field(description="What kind of mistake it is", examples=["missing"])
    loc: list[str | int] = Field(
        description="Where it is: `body`, `query`, `path` or `header`, then the field",
        examples=[["body", "request"]],
    )
    msg: str = Field(description="The mistake, in a sentence", examples=["Field required"])


class Invalid(ErrorShape):
    detail: str | list[InvalidField] = Field(
        description="Every field that cannot be used, or a sentence where no field is to blame"
    )

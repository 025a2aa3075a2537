"""What every body of a call is checked for before its fields are: the names, and characters that no text is made of."""

import difflib
from typing import Any

from ninja import Schema
from pydantic import ConfigDict, Field, model_validator

from provisioning.domain.legible import illegible_in, legible
from provisioning.errors import InvalidInputError

# "enviroment", "followUpOf" and "Team" are meant as a field; "env" and "owner" may be anything.
SIMILAR = 0.84
# What is said back of a name that somebody made up.
LONGEST_NAME = 80


class Body(Schema):
    """What is unknown does not count and is said so in the answer; what is nearly a field's name is refused, because
    whoever wrote it relies on it."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def check_names_and_characters(cls, data: Any) -> Any:
        sent = getattr(data, "_obj", data)  # ninja's wrapper hides unknown names
        for name, value in sent.items() if isinstance(sent, dict) else ():
            _refuse_illegible(name, value)
            if name not in cls.model_fields:
                _refuse_near_miss(name, list(cls.model_fields))
        return sent

    @property
    def ignored(self) -> list[str]:
        """The names of fields that the call has and this body has not."""
        return sorted(name[:LONGEST_NAME] for name in self.model_extra or {})


class Ignoring(Schema):
    """An answer to a `Body`."""

    ignored: list[str] = Field(
        [], description="Names of fields of the call that nothing reads", examples=[["priority"]]
    )


def _refuse_illegible(name: str, value: Any) -> None:
    if found := illegible_in([name, value]):
        raise InvalidInputError(
            legible(name), f"{legible(name)} holds the character {found}. Leave it out."
        )


def _refuse_near_miss(name: str, fields: list[str]) -> None:
    meant = difflib.get_close_matches(_plain(name), map(_plain, fields), n=1, cutoff=SIMILAR)
    if meant:
        field = next(field for field in fields if _plain(field) == meant[0])
        raise InvalidInputError(
            name, f"There is no field {name[:LONGEST_NAME]!r}. Did you mean {field!r}?"
        )


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()

"""Answers of GitHub's GraphQL API: 200 also for what failed, with what could be read beside a list of errors
(https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api)."""

from dataclasses import dataclass, replace
from typing import Any

from github import GithubException
from pydantic import BaseModel

from provisioning.adapters.github.errors import GitHubRefusedError, explain
from provisioning.errors import PortalError

STATUS = {
    "RATE_LIMITED": 429,
    "FORBIDDEN": 403,
    "INSUFFICIENT_SCOPES": 403,
    "NOT_FOUND": 404,
    "UNPROCESSABLE": 422,
    "STALE_DATA": 422,
}
# A query that is not in the schema: this server is older than what is asked.
UNKNOWN = frozenset({"undefinedField", "undefinedType", "argumentNotAccepted"})


class GraphQLFault(BaseModel):
    """`type` where the resolver says it, `extensions.code` where the schema does."""

    type: str = ""
    message: str = ""
    extensions: dict[str, Any] = {}

    @property
    def code(self) -> str:
        return str(self.extensions.get("code", ""))


class GraphQLRefusedError(GitHubRefusedError):
    """GraphQL cannot be used here; REST may."""


@dataclass(frozen=True, slots=True)
class GraphQLAnswer:
    data: dict[str, Any]
    errors: list[GraphQLFault]
    doing: str
    repository: str

    def has(self, field: str) -> bool:
        return self.data.get(field) is not None

    def says(self, words: str) -> bool:
        return words in self._said() or words in self._of("type")

    def without(self, words: str) -> "GraphQLAnswer":
        """The same answer, but for the errors that say this."""
        return replace(self, errors=[fault for fault in self.errors if words not in fault.message])

    def error(self) -> PortalError:
        said = self._said()
        status = min((STATUS.get(kind, 502) for kind in self._of("type")), default=502)
        if status == 403 or UNKNOWN & set(self._of("code")):
            return GraphQLRefusedError(f"GitHub's GraphQL API refuses: {said}", status, said)
        refusal = GithubException(status, {"message": said}, {})
        return explain(refusal, self.doing, self.repository)

    def _said(self) -> str:
        return "; ".join(self._of("message"))

    def _of(self, name: str) -> list[str]:
        return [str(getattr(fault, name)) for fault in self.errors]


class GraphQLBody(BaseModel):
    data: dict[str, Any] | None = None
    errors: list[GraphQLFault] = []

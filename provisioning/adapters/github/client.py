"""The one door to GitHub's APIs: PyGithub signs and sends, every failure leaves as a
`PortalError`."""

import re
from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

import jwt
import requests
from github import Auth, Github, GithubException
from pydantic import BaseModel, TypeAdapter, ValidationError
from urllib3 import Retry

from provisioning.adapters.github.connection import MovedError, limit_answers
from provisioning.adapters.github.errors import GitHubRefusedError, explain
from provisioning.adapters.github.graphql import (
    GraphQLAnswer,
    GraphQLBody,
    GraphQLRefusedError,
)
from provisioning.domain import EtagCache
from provisioning.domain.legible import legible_values
from provisioning.errors import PortalError

PERMISSIONS = {
    "contents": "write",
    "pull_requests": "write",
    "metadata": "read",
    "checks": "read",
    "statuses": "read",
}
# In seconds. GitHub ends a call after ten: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api#timeouts
TIMEOUT = 15
# An old Enterprise Server, a proxy that lets REST through only, or a key that GraphQL does not take.
NO_GRAPHQL = (403, 404, 405, 410)

# A POST that may have been received is never sent again, and no wish to wait is granted: a worker must not sleep.
RETRY = Retry(
    total=1,
    backoff_factor=0.2,
    status_forcelist=(500, 502, 503, 504),
    allowed_methods=("GET", "HEAD"),
    respect_retry_after_header=False,
    raise_on_status=False,
)

# ValueError: an answer that is not JSON; RuntimeError: PyGithub's own about a wrong address.
UNDERSTOOD = (
    GithubException,
    MovedError,
    requests.RequestException,
    jwt.PyJWTError,
    ValueError,
    RuntimeError,
)

Answer = TypeVar("Answer")
Shape = type[Answer] | TypeAdapter[Answer]


def app_installation(app_id: str, private_key: str, installation_id: int) -> Auth.Auth:
    """With explicit permissions: a missing grant shows when the token is made, and the token can do nothing else."""
    return Auth.AppAuth(app_id, private_key).get_installation_auth(installation_id, PERMISSIONS)


class Client:
    """Calls below one repository's address. What is answered is checked against the type that is asked for."""

    def __init__(
        self, auth: Auth.Auth, repository: str, api_url: str, timeout: int = TIMEOUT
    ) -> None:
        self.repository = repository
        self._auth = auth
        self._requester = Github(
            auth=auth,
            base_url=api_url.rstrip("/"),
            timeout=timeout,
            retry=RETRY,
            user_agent="infrallm-portal",
            # PyGithub would sleep between calls; a worker must not, and the pace is kept in Postgres for all of them.
            seconds_between_requests=None,
            seconds_between_writes=None,
        ).requester
        limit_answers(self._requester)

    def get(self, path: str, answer: Shape[Answer], doing: str, **query: str) -> Answer:
        return self._checked(answer, self._call("GET", path, doing, parameters=query)[1], doing)

    def get_cached(
        self, path: str, answer: TypeAdapter[Answer], doing: str, known: EtagCache
    ) -> tuple[Answer, EtagCache]:
        """The answer and what to hand in the next time: where GitHub says that nothing changed, it is the known one, and
        costs nothing of the rate limit. What an older version of the portal remembered differently is asked for anew."""
        try:
            remembered = answer.validate_python(known["data"])
        except (KeyError, ValidationError):
            known = {}
        etag = known.get("etag")
        headers, data = self._call(
            "GET", path, doing, headers={"If-None-Match": etag} if etag else None
        )
        if known and data is None:
            return remembered, known
        fresh = self._checked(answer, data, doing)
        return fresh, {
            "etag": headers.get("etag", ""),
            "data": answer.dump_python(fresh, mode="json"),
        }

    def post(self, path: str, answer: Shape[Answer], doing: str, body: Mapping[str, Any]) -> Answer:
        return self._checked(answer, self._call("POST", path, doing, input=body)[1], doing)

    def graphql(self, query: str, variables: Mapping[str, Any], doing: str) -> GraphQLAnswer:
        """One query or mutation. What could not be read is in the answer's errors. Raises `GraphQLRefusedError` where there
        is no GraphQL API."""
        body = {"query": query, "variables": variables}
        try:
            address = self._requester.graphql_url
            _, data = self._requester.requestJsonAndCheck("POST", address, input=body)
        except UNDERSTOOD as error:
            explained = self._explained(error, doing)
            if isinstance(explained, GitHubRefusedError) and explained.status in NO_GRAPHQL:
                said = f"GitHub has no GraphQL API for this key: {explained.said}."
                raise GraphQLRefusedError(said, explained.status, explained.said) from error
            raise explained from error
        found = self._checked(GraphQLBody, data, doing)
        return GraphQLAnswer(found.data or {}, found.errors, doing, self.repository)

    @property
    def owner(self) -> str:
        return self.repository.partition("/")[0]

    def _call(self, verb: str, path: str, doing: str, **sent: Any) -> tuple[dict[str, Any], Any]:
        try:
            try:
                return self._send(verb, path, **sent)
            except MovedError as moved:
                self._follow(moved)
                return self._send(verb, path, **sent)
        except UNDERSTOOD as error:
            raise self._explained(error, doing) from error

    def _explained(self, error: Exception, doing: str) -> PortalError:
        # A new one is made at the next attempt: a key that was changed a second ago works again at once.
        if isinstance(error, GithubException) and error.status == 401:
            _forget_token(self._auth)
        return explain(error, doing, self.repository)

    def _send(self, verb: str, path: str, **sent: Any) -> tuple[dict[str, Any], Any]:
        url = f"/repos/{self.repository}{path}"
        return self._requester.requestJsonAndCheck(verb, url, **sent)

    def _follow(self, moved: MovedError) -> None:
        """A repository that was renamed or moved answers with its number at the same host, which leads to its name."""
        target = urlsplit(moved.location)
        number = re.search(r"/repositories/[0-9]+", target.path)
        # The key goes along with each call, so no answer may send it to another host.
        if number is None or target.hostname != self._requester.hostname:
            raise moved
        _, found = self._requester.requestJsonAndCheck("GET", number[0])
        self.repository = str(_Named.model_validate(found).full_name)

    def _checked(self, answer: Shape[Answer], data: Any, doing: str) -> Answer:
        adapter = answer if isinstance(answer, TypeAdapter) else TypeAdapter(answer)
        try:
            return adapter.validate_python(legible_values(data))
        except ValidationError as error:
            raise explain(error, doing, self.repository) from error


class _Named(BaseModel):
    full_name: str


def _forget_token(auth: Auth.Auth) -> None:
    """PyGithub keeps an installation's token for its hour, also one that GitHub no longer takes."""
    if isinstance(auth, Auth.AppInstallationAuth):
        setattr(auth, "_AppInstallationAuth__installation_authorization", None)  # noqa: B010  # the mangled name


def web_url(api_url: str) -> str:
    """https://api.github.com → https://github.com; https://host/api/v3 (Enterprise) → https://host."""
    address = urlsplit(api_url)
    return f"{address.scheme}://{address.netloc.removeprefix('api.')}"

"""Pull requests on GitHub: five calls for a fresh request, plus one look per directory.

GET repository · GET commits/<base> · POST graphql (branch and commit) · POST pulls · POST labels. Where GraphQL is refused:
POST git/trees (all files inline) · POST git/commits · POST git/refs instead. The branch's first commit is the one step that
can succeed only once; whoever comes second finds its trailer and goes on from there.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from github import Auth

from provisioning.adapters.github import commits, pull_request_state
from provisioning.adapters.github.client import TIMEOUT, Client, web_url
from provisioning.adapters.github.decoration import decorate
from provisioning.adapters.github.directories import open_directories
from provisioning.adapters.github.errors import GitHubRefusedError
from provisioning.adapters.github.graphql import GraphQLRefusedError
from provisioning.adapters.github.traces import contents, exists, pull_of, pulls, tip
from provisioning.adapters.github.wire import Commit, Pull, Reference, Repository, Sha
from provisioning.domain import (
    COMMIT_AUTHOR,
    Change,
    EtagCache,
    OpenedPullRequest,
    Placement,
    PlacementQuery,
    PullRequestState,
)
from provisioning.domain.health import CONNECTED, OFF, Health, failing
from provisioning.errors import PortalError, PullRequestClosedError, UpstreamUnavailableError
from provisioning.pipeline import branches

# Anybody may ask for the health, and each answer is a call of the portal's limit.
HEALTH_SECONDS = 60.0

logger = logging.getLogger(__name__)


class GitHub:
    """`base_branch` None means the repository's default branch."""

    name = "github"

    def __init__(
        self,
        auth: Auth.Auth,
        repository: str,
        api_url: str,
        base_branch: str | None = None,
        timeout: int = TIMEOUT,
    ) -> None:
        self._client = Client(auth, repository, api_url, timeout)
        self._web_url = f"{web_url(api_url)}/{repository}"
        self._configured_base = base_branch
        self._health: tuple[Health, float] = (OFF, float("-inf"))
        self._default = ("", 0.0)
        self._configured = repository
        self._has_graphql, self._node = True, ""
        self._is_app = isinstance(auth, Auth.AppInstallationAuth)

    @property
    def writes(self) -> int:
        """Branch and commit count as two, though they are one call: GitHub does not say how it counts mutations."""
        return 3 if self._has_graphql else 4

    @property
    def base_branch(self) -> str:
        """Known for a minute: a default branch may be renamed at any time."""
        if self._configured_base:
            return self._configured_base
        name, at = self._default
        if not name or time.monotonic() - at > HEALTH_SECONDS:
            name = self._repository().default_branch
            self._default = (name, time.monotonic())
        return name

    # --- looking

    def place(self, query: PlacementQuery) -> Placement:
        """A fresh request looks for its directories in the base branch only: a branch that somebody else has taken is
        told by the refusal to create it, and the next attempt looks at everything."""
        if query.fresh:
            return Placement(query.branches[0], taken=self._taken(query.directories))
        for branch in query.branches:
            if opened := pull_of(self._client, query.request_id, branch):
                return Placement(branch, opened=opened)
        tips = {branch: self._used(branch) for branch in query.branches}
        messages = {name: found.commit.message if found else None for name, found in tips.items()}
        branch = branches.chosen(query, messages)
        taken = self._taken(query.directories)
        for other in (name for name, commit in tips.items() if commit and name != branch):
            taken |= self._taken_by_branch(other, query.directories)
        return Placement(branch, taken=taken)

    def _used(self, branch: str) -> Commit | None:
        """The last commit of a branch; None also for one that has none of its own, as an attempt leaves it that was cut."""
        found = tip(self._client, branch)
        cut = found and self._has_graphql and found.sha == self._base().sha
        return None if cut else found

    def _taken(self, directories: Sequence[str]) -> dict[str, str]:
        base = self.base_branch
        return {
            d: f"{self._web_url}/tree/{base}/{quote(d)}"
            for d in directories
            if exists(self._client, d, base)
        }

    def _taken_by_branch(self, branch: str, directories: Sequence[str]) -> dict[str, str]:
        link = next(
            (pull.html_url for pull in pulls(self._client, branch) if pull.state == "open"), None
        )
        return {d: link for d in directories if exists(self._client, d, branch)} if link else {}

    # --- creating

    def open(self, change: Change) -> OpenedPullRequest:
        """As the port says. Raises `PullRequestClosedError` where somebody has closed this request's pull request."""
        opened = None if change.fresh else pull_of(self._client, change.request_id, change.branch)
        if opened is None:
            existed = self._ensure_branch(change)
            opened = pull_of(self._client, change.request_id, change.branch) if existed else None
            opened = opened or self._create_pull(change)
        if opened.state == "closed":
            raise PullRequestClosedError(
                f"Somebody closed {opened.url}, this request's pull request. Reopen it there, or send a new request."
            )
        if opened.state == "merged":
            return opened
        return replace(opened, notes=decorate(self._client, opened.number, change))

    def _ensure_branch(self, change: Change) -> bool:
        """True when an earlier attempt or another worker had made it."""
        found = None if change.fresh else self._used(change.branch)
        if found is None:
            if self._create_branch(change):
                return False
            found = tip(self._client, change.branch)
            if found is None:
                raise UpstreamUnavailableError(
                    f"GitHub says that {change.branch} exists, and does not show it. The next attempt looks again."
                )
        branches.refuse_somebody_elses(change, found.commit.message)
        return True

    def _create_branch(self, change: Change) -> bool:
        """False when it was there."""
        base = self._base()
        if self._has_graphql:
            try:
                node = self._node or self._repository().node_id
                return commits.create(self._client, change, base.sha, node)
            except GraphQLRefusedError as refused:
                logger.warning("%s The portal goes on with REST.", refused.message)
                self._has_graphql = False
        body = {"ref": f"refs/heads/{change.branch}", "sha": self._create_commit(change, base)}
        try:
            # https://docs.github.com/en/rest/git/refs#create-a-reference
            self._client.post("/git/refs", Reference, "creating the branch", body)
        except GitHubRefusedError as refused:
            if refused.status == 422 and tip(self._client, change.branch):
                return False
            raise
        return True

    def _create_commit(self, change: Change, base: Commit) -> str:
        files = [
            {"path": p, "mode": "100644", "type": "blob", "content": text}
            for p, text in change.files.items()
        ]
        body = {"base_tree": base.commit.tree.sha, "tree": files}
        # https://docs.github.com/en/rest/git/trees#create-a-tree: with `base_tree` everything else stays as it is.
        tree = self._client.post("/git/trees", Sha, "writing the files", body)
        commit = _commit_body(change, tree.sha, base.sha)
        if not self._is_app:
            commit |= _authorship(change)
        # https://docs.github.com/en/rest/git/commits#create-a-commit
        return self._client.post("/git/commits", Sha, "writing the commit", commit).sha

    def _base(self) -> Commit:
        path = f"/commits/heads/{quote(self.base_branch)}"
        try:
            # https://docs.github.com/en/rest/commits/commits#get-a-commit
            return self._client.get(path, Commit, "reading the base branch")
        except GitHubRefusedError as refused:
            if self._configured_base or refused.status not in (404, 422):
                raise
            gone, self._default = self._default[0], ("", 0.0)
            raise UpstreamUnavailableError(
                f"The default branch {gone} is not there. The next attempt asks for its new name."
            ) from refused

    def _create_pull(self, change: Change) -> OpenedPullRequest:
        body = {
            "title": change.title,
            "body": change.body,
            "head": change.branch,
            "base": self.base_branch,
            "draft": change.draft,
            "maintainer_can_modify": False,
        }
        try:
            # https://docs.github.com/en/rest/pulls/pulls#create-a-pull-request
            return self._client.post("/pulls", Pull, "opening the pull request", body).opened()
        except GitHubRefusedError as refused:
            if refused.status == 422 and (
                found := pull_of(self._client, change.request_id, change.branch)
            ):
                return found
            raise

    def read(
        self, number: int, at: datetime, memory: EtagCache
    ) -> tuple[PullRequestState, EtagCache]:
        return pull_request_state.read(self._client, number, at, memory)

    def contents(self, directory: str, commit: str = "") -> Mapping[str, str]:
        return contents(self._client, directory, commit or self.base_branch)

    def directories(self, memory: EtagCache) -> tuple[Mapping[str, str], EtagCache]:
        return open_directories(self._client, self.base_branch, memory)

    # --- health

    def _repository(self) -> Repository:
        # https://docs.github.com/en/rest/repos/repos#get-a-repository
        found = self._client.get("", Repository, "reading the repository")
        self._node = found.node_id
        return found

    def health(self) -> Health:
        """Asks GitHub at most once a minute. A token must be allowed to push; an App's exists only with its grants."""
        _, at = self._health
        if time.monotonic() - at > HEALTH_SECONDS:
            self._health = (self._look_at_health(), time.monotonic())
        return self._health[0]

    def _look_at_health(self) -> Health:
        try:
            repository = self._repository()
        except PortalError as error:
            return failing(error.message)
        if repository.archived:
            return failing(
                "The repository is archived. An operator must unarchive it or change GITHUB_REPO."
            )
        # An App's installation has none of them: what it may do stands in its grants.
        if repository.permissions is not None and not repository.permissions.push:
            return failing(
                "The portal's key may read the repository but not write. An operator must grant write access."
            )
        if repository.full_name.lower() != self._configured.lower():
            return failing(
                f"{self._configured} is now {repository.full_name}. Everything goes on there; an operator must"
                " correct GITHUB_ORG and GITHUB_REPO before somebody else takes the old name."
            )
        return CONNECTED


def _commit_body(change: Change, tree: str, parent: str) -> dict[str, Any]:
    return {"message": change.commit_message, "tree": tree, "parents": [parent]}


def _authorship(change: Change) -> dict[str, Any]:
    """For a token. Where an App names neither, GitHub signs the commit as the App's own, which rulesets ask for:
    https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification"""
    name, email = COMMIT_AUTHOR
    date = change.committed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    person = {"name": name, "email": email, "date": date}
    return {"author": person, "committer": person}

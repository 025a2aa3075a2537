"""What became of a pull request."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from provisioning.adapters.github.client import Client
from provisioning.adapters.github.conditional import ConditionalClient
from provisioning.adapters.github.wire import (
    CheckRuns,
    IssueEvent,
    Pull,
    Review,
    Statuses,
)
from provisioning.domain import Checks, EtagCache, PullRequestState
from provisioning.domain import Review as Verdict
from provisioning.errors import PortalError
from provisioning.pipeline.transitions import checks_of, review_of

logger = logging.getLogger(__name__)
Part = TypeVar("Part")

# CONTRIBUTOR stays: a member who hides the membership is shown as one to a key that may not read the organization.
# https://docs.github.com/en/graphql/reference/enums#commentauthorassociation
STRANGERS = frozenset({"NONE", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "MANNEQUIN"})


def read(
    client: Client, number: int, at: datetime, memory: EtagCache
) -> tuple[PullRequestState, EtagCache]:
    """Four calls where no list has a second page, five for one that was closed without a merge."""
    looks = ConditionalClient(client, memory)
    # https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
    pull = looks.get(f"/pulls/{number}", Pull, "reading the pull request")
    beside = _Beside(number)
    no_reviews: tuple[Verdict, tuple[str, ...]] = ("none", ())
    no_checks: Checks = "none"
    review, reviewers = beside.read("reviews", lambda: _review(looks, number), no_reviews)
    checks = beside.read("checks", lambda: _checks(looks, pull.head.sha, beside), no_checks)
    ended_by = beside.read("ended_by", lambda: _ended_by(looks, pull), "")
    state = PullRequestState(
        state=pull.opened().state,
        head_sha=pull.head.sha,
        looked_at=at,
        draft=pull.draft,
        review=review,
        reviewers=reviewers,
        checks=checks,
        ended_by=ended_by,
        ended_at=pull.merged_at or pull.closed_at,
        unread=tuple(beside.unread),
        refused=tuple(beside.refused),
    )
    return state, looks.seen


class _Beside:
    """What is told beside the state: its failure costs that part and never the look."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.unread: list[str] = []
        self.refused: list[str] = []

    def read(self, part: str, reading: Callable[[], Part], without: Part) -> Part:
        try:
            return reading()
        except PortalError as error:
            logger.warning("#%s is read without its %s: %s", self._number, part, error.message)
            (self.unread if error.retryable else self.refused).append(part)
            return without


def _review(looks: ConditionalClient, number: int) -> tuple[Verdict, tuple[str, ...]]:
    path = f"/pulls/{number}/reviews?"
    # https://docs.github.com/en/rest/pulls/reviews#list-reviews-for-a-pull-request: oldest first.
    reviews = looks.pages(path, list[Review], "reading its reviews")
    insiders = [review for review in reviews if review.author_association not in STRANGERS]
    return review_of((_name(review), review.state) for review in insiders)


def _name(review: Review) -> str:
    return review.user.login if review.user else "somebody who left"


def _checks(looks: ConditionalClient, sha: str, beside: _Beside) -> Checks:
    """Of both kinds that GitHub has. A key that may read one of them is told that one."""
    doing = "reading its checks"

    def runs() -> list[str | None]:
        path = f"/commits/{sha}/check-runs?"
        # https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference
        found = looks.pages(path, CheckRuns, doing, lambda page: page.check_runs)
        return [run.conclusion for run in found]

    def statuses() -> list[str | None]:
        path = f"/commits/{sha}/status?"
        # https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference
        found = looks.pages(path, Statuses, doing, lambda page: page.statuses)
        return [status.state for status in found]

    none: list[str | None] = []
    return checks_of(beside.read("checks", runs, none) + beside.read("checks", statuses, none))


def _ended_by(looks: ConditionalClient, pull: Pull) -> str:
    """Who merged is in the pull request; who closed it only in its events, which "Pull requests" covers (the issue
    that it is as well is not:
    https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps)."""
    if pull.state == "open":
        return ""
    if pull.merged_at:
        return pull.merged_by.login if pull.merged_by else ""
    path = f"/issues/{pull.number}/events?"
    # https://docs.github.com/en/rest/issues/events#list-issue-events
    events = looks.pages(path, list[IssueEvent], "reading who closed it")
    closings = [event.actor for event in events if event.event == "closed"]
    last = closings[-1] if closings else None
    return last.login if last else ""

"""What became of a pull request."""

from datetime import datetime
from typing import TypeVar

from provisioning.adapters.github.client import Client
from provisioning.adapters.github.conditional import PAGE, ConditionalClient
from provisioning.adapters.github.errors import GitHubRefusedError
from provisioning.adapters.github.wire import CheckRuns, Issue, Pull, Review, Statuses
from provisioning.domain import Checks, Memory, PullRequestState
from provisioning.pipeline.transitions import checks_of, review_of

Answer = TypeVar("Answer")


def read(
    client: Client, number: int, at: datetime, memory: Memory
) -> tuple[PullRequestState, Memory]:
    """Four calls, five for one that was closed without a merge."""
    looks = ConditionalClient(client, memory)
    pull = looks.get(f"/pulls/{number}", Pull, "reading the pull request")
    review, reviewers = review_of(_verdicts(looks, number))
    state = PullRequestState(
        state=pull.opened().state,
        head_sha=pull.head.sha,
        looked_at=at,
        draft=pull.draft,
        review=review,
        reviewers=reviewers,
        checks=_checks(looks, pull.head.sha),
        ended_by=_ended_by(looks, pull),
        ended_at=pull.merged_at or pull.closed_at,
    )
    return state, looks.seen


def _verdicts(looks: ConditionalClient, number: int) -> list[tuple[str, str]]:
    reviews = looks.pages(f"/pulls/{number}/reviews?", list[Review], "reading its reviews")
    return [
        (review.user.login if review.user else "somebody who left", review.state)
        for review in reviews
    ]


def _checks(looks: ConditionalClient, sha: str) -> Checks:
    """Of both kinds that GitHub has."""
    runs = _allowed(looks, f"/commits/{sha}/check-runs?per_page={PAGE}", CheckRuns)
    statuses = _allowed(looks, f"/commits/{sha}/status?per_page={PAGE}", Statuses)
    conclusions = [run.conclusion for run in runs.check_runs] if runs else []
    return checks_of(
        conclusions + ([status.state for status in statuses.statuses] if statuses else [])
    )


def _allowed(looks: ConditionalClient, path: str, shape: type[Answer]) -> Answer | None:
    """A key that may not read checks sees none, which is no reason to read nothing at all."""
    try:
        return looks.get(path, shape, "reading its checks")
    except GitHubRefusedError as refused:
        if refused.status in (403, 404):
            return None
        raise


def _ended_by(looks: ConditionalClient, pull: Pull) -> str:
    """Who merged is in the pull request; who closed it only in the issue that it is as well."""
    if pull.state == "open":
        return ""
    who = pull.merged_by
    if not pull.merged_at:
        who = looks.get(f"/issues/{pull.number}", Issue, "reading who closed it").closed_by
    return who.login if who else ""

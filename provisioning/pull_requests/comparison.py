"""What the database and the repository say of the same pull requests, where one of them was restored to another moment.

Nothing is changed here: which of the two is right, only a person knows.
"""

from collections.abc import Iterator

from django.utils import timezone

from provisioning import wiring
from provisioning.adapters.local_git import LocalGit, LocalPullRequest
from provisioning.errors import InvalidInputError, PortalError
from provisioning.models import ProvisionRequest, PullRequest
from provisioning.pull_requests import sync

BACKUP = "Restore both from the same backup, or"


def differences() -> Iterator[str]:
    """One sentence each, with what an operator can do. Raises `PortalError` where the host does not answer at all."""
    if wiring.repository() == wiring.EMBEDDED_HOST:
        yield from _of_embedded(wiring.local_repository())
    else:
        yield from _of_host()


def _of_embedded(repository: LocalGit) -> Iterator[str]:
    unreadable = repository.unreadable()
    for number in unreadable:
        yield f"#{number}: its record in the repository cannot be read. Restore the repository."
    rows = list(_rows())
    pulls = {pull.number: pull for pull in repository.pull_requests()}
    for row in rows:
        if row.number in pulls:
            yield from _of_both(row, pulls[row.number])
        elif row.number not in unreadable:
            yield _without_pull(row)
    for number in sorted(pulls.keys() - {row.number for row in rows}):
        yield from _without_row(pulls[number])


def _without_pull(row: PullRequest) -> str:
    return (
        f"#{row.number}: the database has it ({row.provision_request.request_id}), the repository "
        f"has not: the repository is older. {BACKUP} cancel and send the request again."
    )


def _without_row(pull: LocalPullRequest) -> Iterator[str]:
    """A request that is still being worked on finds its pull request by itself."""
    request = ProvisionRequest.objects.filter(request_id=pull.request_id).first()
    if request is not None and not request.finished:
        return
    known = "has it without one" if request else "does not know that request"
    yield (
        f"#{pull.number}: the repository has it for {pull.request_id}, the database {known}: the "
        f"database is older. {BACKUP} merge or close it on its own."
    )


def _of_both(row: PullRequest, pull: LocalPullRequest) -> Iterator[str]:
    request_id = row.provision_request.request_id
    if request_id != pull.request_id:
        yield (
            f"#{row.number}: it is {request_id}'s in the database and {pull.request_id}'s in the "
            f"repository, so the number was given twice. {BACKUP} close one of them by hand."
        )
    elif row.state != pull.state:
        yield (
            f"#{row.number}: {row.state} in the database, {pull.state} in the repository. The next "
            "look takes the repository's word."
        )


def _of_host() -> Iterator[str]:
    """GitHub keeps its own time: only rows that it does not know can be told."""
    now, reader = timezone.now(), wiring.pull_request_reader()
    for row in _rows():
        try:
            seen, _ = reader.read(row.number, now, {})
        except InvalidInputError:
            yield f"#{row.number}: the database has it, {wiring.repository()} has not."
        except PortalError as error:
            yield f"#{row.number}: it cannot be compared. {error.message}"
        else:
            yield from _differing(row, seen.state)


def _differing(row: PullRequest, state: str) -> Iterator[str]:
    if row.state != state:
        yield f"#{row.number}: {row.state} in the database, {state} there. The next look says so."


def _rows() -> Iterator[PullRequest]:
    rows = sync.for_current_repository().select_related("provision_request")
    yield from rows.order_by("number").iterator()

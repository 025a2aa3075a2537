"""The same again shares the pull request that is there. What counts is what its directories hold now, not what was asked."""

from django.db.models import QuerySet

from provisioning import wiring
from provisioning.domain import Generated
from provisioning.models import PullRequest
from provisioning.pipeline.sameness import holds_the_same
from provisioning.pull_requests import sync

# People close and open again; more than these of one directory are no history that a request has to wait for.
LOOKED_AT_MOST = 5


def pull_request_with(generated: Generated) -> PullRequest | None:
    """The newest of ours, open or merged, whose directories hold exactly this. It was just looked at. Raises what the host
    raises when it does not answer: nobody is refused, nor joined to anything, for what was true a while ago."""
    for row in _about(generated)[:LOOKED_AT_MOST]:
        sync.sync_pull_request(row.pk)
        row.refresh_from_db()
        if row.state != "closed" and _holds(row, generated):
            return row
    return None


def _about(generated: Generated) -> QuerySet[PullRequest]:
    directories = [resource.directory for resource in generated.resources]
    rows = sync.for_current_repository().filter(directories__contains=directories)
    return rows.select_related("provision_request").order_by("-number")


def _holds(row: PullRequest, generated: Generated) -> bool:
    reader, catalog = wiring.pull_request_reader(), wiring.catalog()
    commit = "" if row.state == "merged" else _head(row)
    return all(
        holds_the_same(catalog, one.files, reader.contents(one.directory, commit))
        for one in generated.resources
    )


def _head(row: PullRequest) -> str:
    """People push to a branch after the portal did."""
    return row.seen.head_sha if row.seen else row.commit_sha

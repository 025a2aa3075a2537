"""What the portal looks for on GitHub. Nothing here changes anything."""

from urllib.parse import quote

from provisioning.adapters.github.client import Client
from provisioning.adapters.github.errors import GitHubRefusedError
from provisioning.adapters.github.wire import COMMITS, ENTRIES, FOUND, PULLS, Blob, Commit, Pull
from provisioning.domain import OpenedPullRequest, is_work_of


def exists(client: Client, path: str, branch: str) -> bool:
    try:
        # https://docs.github.com/en/rest/repos/contents#get-repository-content
        found = client.get(
            f"/contents/{quote(path)}", FOUND, "looking for its directory", ref=branch
        )
    except GitHubRefusedError as refused:
        if refused.status == 404:
            return False
        raise
    return bool(found)


def contents(client: Client, directory: str, ref: str) -> dict[str, str]:
    """One call, and one for each file."""
    path, doing = f"/contents/{quote(directory)}", "reading its directory"
    try:
        # https://docs.github.com/en/rest/repos/contents#get-repository-content
        listed = client.get(path, ENTRIES, doing, ref=ref)
    except GitHubRefusedError as refused:
        if refused.status == 404:
            return {}
        raise
    files = [entry for entry in listed if entry.type == "file"]
    # https://docs.github.com/en/rest/git/blobs#get-a-blob
    return {file.name: client.get(f"/git/blobs/{file.sha}", Blob, doing).text for file in files}


def tip(client: Client, branch: str) -> Commit | None:
    """GitHub answers 422 for a branch that is not there; 404 is what its documentation says."""
    try:
        # https://docs.github.com/en/rest/commits/commits#get-a-commit
        return client.get(f"/commits/heads/{quote(branch)}", Commit, "looking for its branch")
    except GitHubRefusedError as refused:
        if refused.status in (404, 422):
            return None
        raise


def pulls(client: Client, branch: str) -> list[Pull]:
    """Newest first, in any state."""
    query = {"head": f"{client.owner}:{branch}", "state": "all"}
    # https://docs.github.com/en/rest/pulls/pulls#list-pull-requests
    found = client.get("/pulls", PULLS, "looking for its pull request", **query)
    return [pull for pull in found if pull.head.ref == branch]


def pull_of(client: Client, request_id: str, branch: str) -> OpenedPullRequest | None:
    """By the trailer in its commits: whatever people pushed on top, and even when the branch is gone after a merge."""
    for pull in pulls(client, branch):
        # https://docs.github.com/en/rest/pulls/pulls#list-commits-on-a-pull-request
        commits = client.get(f"/pulls/{pull.number}/commits", COMMITS, "looking for its commit")
        if any(is_work_of(request_id, commit.commit.message) for commit in commits):
            return pull.opened()
    return None

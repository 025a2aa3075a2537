"""A branch with one commit, in one call of GitHub's GraphQL API, or in three of REST where the former is refused.

GitHub makes the commit itself and signs it, as rulesets may ask for. `expectedHeadOid` is what keeps it to one: a branch
that is no longer where it was made takes no commit
(https://docs.github.com/en/graphql/reference/mutations#createcommitonbranch).
"""

import base64
from typing import Any

from provisioning.adapters.github.client import Client
from provisioning.domain import Change
from provisioning.errors import UpstreamUnavailableError

# GitHub runs the fields of a mutation in their order: https://spec.graphql.org/October2021/#sec-Mutation
MUTATION = """
mutation ($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!) {
  ref: createRef(input: $ref) { ref { name } }
  commit: createCommitOnBranch(input: $commit) { commit { oid } }
}
"""
EXISTS, MOVED_ON = "already exists", "STALE_DATA"


def create(client: Client, change: Change, base: str, node: str) -> bool:
    """False when the branch was there and had moved on from `base`: an earlier attempt made the commit, or somebody else
    has the branch. One that is still where `base` is was left by an attempt that was cut in between, and gets its commit.
    `node` is the repository's global id. Raises `GraphQLRefusedError` where nothing was done and GraphQL cannot be used."""
    variables = {"ref": _reference(change, base, node), "commit": _commit(client, change, base)}
    answer = client.graphql(MUTATION, variables, "writing the commit")
    if answer.has("commit"):
        return True
    if answer.has("ref"):
        raise UpstreamUnavailableError(
            "GitHub made the branch and not its commit. The next attempt goes on from there."
        )
    refused = answer.without(EXISTS)
    if answer.says(MOVED_ON) or not refused.errors:
        return False
    # The branch is where it was made: that it exists is no reason, and would hide the one that its commit was refused for.
    raise refused.error()


def _reference(change: Change, base: str, node: str) -> dict[str, Any]:
    return {"repositoryId": node, "name": f"refs/heads/{change.branch}", "oid": base}


def _commit(client: Client, change: Change, base: str) -> dict[str, Any]:
    headline, _, body = change.commit_message.partition("\n")
    files = [
        {"path": path, "contents": base64.b64encode(text.encode()).decode()}
        for path, text in change.files.items()
    ]
    return {
        "branch": {"repositoryNameWithOwner": client.repository, "branchName": change.branch},
        "message": {"headline": headline, "body": body.strip("\n")},
        "expectedHeadOid": base,
        "fileChanges": {"additions": files},
    }

"""The double's GraphQL: the two mutations that the portal sends, answered as GitHub documents.

200 also for what failed, with the fields that succeeded beside a list of errors; fields of a mutation run in their order:
https://docs.github.com/en/graphql/reference/mutations and https://spec.graphql.org/October2021/#sec-Mutation
"""

import base64
from typing import Any

from tests.support.github_fault_server import Reply

NODE_ID = "R_kgDOAcme"
INPUTS = {
    "ref": {"repositoryId", "name", "oid"},
    "commit": {"branch", "message", "expectedHeadOid", "fileChanges"},
}


class RefusedFieldError(Exception):
    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def graphql(double: Any, body: dict[str, Any]) -> Reply:
    data: dict[str, Any] = {}
    errors: list[dict[str, Any]] = []
    for field, perform in FIELDS.items():
        sent = body["variables"][field]
        assert f"${field}" in body["query"]
        assert set(sent) <= INPUTS[field]
        try:
            data[field] = perform(double, sent)
        except RefusedFieldError as refused:
            data[field] = None
            errors.append({"type": refused.kind, "path": [field], "message": str(refused)})
    return Reply(200, {"data": data} | ({"errors": errors} if errors else {}))


def create_ref(double: Any, sent: dict[str, Any]) -> dict[str, Any]:
    _may_write(double)
    if sent["repositoryId"] != NODE_ID:
        message = f"Could not resolve to a node with the global id of '{sent['repositoryId']}'"
        raise RefusedFieldError("NOT_FOUND", message)
    branch = sent["name"].removeprefix("refs/heads/")
    if branch in double.refs:
        message = f'A ref named "{sent["name"]}" already exists in the repository.'
        raise RefusedFieldError("UNPROCESSABLE", message)
    double.refs[branch] = sent["oid"]
    return {"ref": {"name": branch}}


def create_commit(double: Any, sent: dict[str, Any]) -> dict[str, Any]:
    """GitHub's own author and date, signed. Additions are base64 of whole files."""
    _may_write(double)
    branch = sent["branch"]["branchName"]
    if sent["branch"]["repositoryNameWithOwner"] != double.full_name or branch not in double.refs:
        raise RefusedFieldError("NOT_FOUND", f'No such branch "{branch}".')
    head = double.refs[branch]
    if sent["expectedHeadOid"] != head:
        message = f'Expected branch to point to "{sent["expectedHeadOid"]}" but it did not. Pull and try again.'
        raise RefusedFieldError("STALE_DATA", message)
    # As a ruleset about files or messages does: it looks at commits, and lets the branch be made.
    if double.refuses_commits:
        raise RefusedFieldError("UNPROCESSABLE", double.refuses_commits)
    added = {
        file["path"]: base64.b64decode(file["contents"], validate=True).decode()
        for file in sent["fileChanges"]["additions"]
    }
    message = "\n\n".join(filter(None, (sent["message"]["headline"], sent["message"]["body"])))
    tree = double.tree({**double.files(branch), **added})
    sha = double.commit(tree, [head], message, f"made as number {len(double.commits)}")
    double.commits[sha] |= {"signed": True}
    double.refs[branch] = sha
    return {"commit": {"oid": sha}}


def _may_write(double: Any) -> None:
    """https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps: "Contents" covers both."""
    if double.granted.get("contents") != "write":
        raise RefusedFieldError("FORBIDDEN", "Resource not accessible by integration")


FIELDS = {"ref": create_ref, "commit": create_commit}

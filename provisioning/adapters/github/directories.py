"""Which directories the open pull requests of a repository change, whoever opened them: one conditional request for the
list, and one for each head that was not seen before."""

from posixpath import dirname
from urllib.parse import quote

from provisioning.adapters.github.client import Client
from provisioning.adapters.github.conditional import ConditionalClient
from provisioning.adapters.github.errors import GitHubRefusedError
from provisioning.adapters.github.wire import Comparison, Pull
from provisioning.domain import EtagCache

NEW_HEADS_AT_ONCE = 50


def open_directories(
    client: Client, base: str, memory: EtagCache
) -> tuple[dict[str, str], EtagCache]:
    """Directory → link. Where more heads are new than one look may ask for, the next one learns of the rest."""
    looks = ConditionalClient(client, memory)
    found: dict[str, str] = {}
    allowance = NEW_HEADS_AT_ONCE
    query = f"/pulls?state=open&base={quote(base)}&"
    # https://docs.github.com/en/rest/pulls/pulls#list-pull-requests
    for pull in looks.pages(query, list[Pull], "listing the open pull requests"):
        path = f"/compare/{quote(base)}...{pull.head.sha}"
        if path not in memory:
            allowance -= 1
        if path in memory or allowance >= 0:
            found |= {dirname(name): pull.html_url for name in _changed(looks, path)}
    return found, looks.seen


def _changed(looks: ConditionalClient, path: str) -> list[str]:
    """A head whose commits are gone (a fork was deleted) changes nothing that anybody could merge."""
    try:
        # https://docs.github.com/en/rest/commits/commits#compare-two-commits
        files = looks.unchanging(
            path, Comparison, "reading what an open pull request changes"
        ).files
    except GitHubRefusedError as refused:
        if refused.status != 404:
            raise
        return []
    return [file.filename for file in files]

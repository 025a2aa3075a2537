"""Addresses in the portal's own sentences, as links; only such as lead to the portal or to its repository, and only
where the reader may go."""

import re
from html import escape
from urllib.parse import SplitResult, urlsplit

from django.db.models import Q
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe

from provisioning import wiring
from provisioning.domain.identity import Caller
from provisioning.requests import services

_ADDRESS = re.compile(r"https?://[^\s,;<>\"']*[^\s,;<>\"'.]")
_REQUEST = re.compile(r"/requests/(req-[0-9a-f]{12})")
_PULL = re.compile(r"/(?:pulls?)/(\d{1,9})")


def linked(text: str, caller: Caller) -> SafeString:
    """HTML of the sentence. An address of somewhere else stays text: what a request says is not to
    send anybody anywhere."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(text):
        parts += [escape(text[end : found.start()]), _link(found[0], caller)]
        end = found.end()
    return mark_safe("".join([*parts, escape(text[end:])]))  # noqa: S308  each part is escaped


def _link(address: str, caller: Caller) -> str:
    try:
        known = urlsplit(address)
    # "http://[x" begins as an address and is none.
    except ValueError:
        return escape(address)
    if address.startswith(f"{wiring.public_url()}/"):
        return _within(known.path, caller)
    pull = _pull_of_repository(known)
    return _anchor(address, f"pull request #{pull}") if pull else escape(address)


def _pull_of_repository(address: SplitResult) -> str:
    """Its number; empty for an address that is of nothing in the portal's own repository."""
    api_host, _, repository = wiring.repository().partition("/")
    # github.com has its API at a host of its own, other servers at the same one.
    hosts = (api_host, api_host.removeprefix("api."))
    before, _, after = address.path.lower().partition(f"/{repository}/")
    pull = _PULL.match(f"/{after}")
    ours = repository and not before and address.netloc.lower() in hosts
    return pull[1] if ours and pull else ""


def _within(path: str, caller: Caller) -> str:
    request, pull = _REQUEST.match(path), _PULL.match(path)
    seen = services.visible_to(caller)
    if pull:
        number = int(pull[1])
        its = seen.filter(Q(pull_request__number=number) | Q(joined__number=number))
        words = f"pull request #{number}"
        return _anchor(reverse("pull", args=[number]), words) if its.exists() else words
    if request is None:
        # A browser takes "//host" for another site's address, and "/\\host" too.
        return _anchor(path, path) if url_has_allowed_host_and_scheme(path, None) else escape(path)
    if not seen.filter(request_id=request[1]).exists():
        return "another request"
    return _anchor(reverse("request_detail", args=[request[1]]), request[1])


def _anchor(address: str, words: str) -> str:
    return f'<a href="{escape(address)}">{escape(words)}</a>'
